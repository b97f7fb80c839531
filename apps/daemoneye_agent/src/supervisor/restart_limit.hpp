// When to stop trying to restart. No clock of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace daemoneye_agent {

using Instant = std::chrono::steady_clock::time_point;

/// Counts restarts within a sliding window.
class RestartLimit {
 public:
  RestartLimit(std::uint64_t most, std::chrono::seconds window) noexcept : most_(most), window_(window) {}

  /// Takes note of one more restart at `now`, or says that it would be one too many.
  [[nodiscard]] bool allow(Instant now);
  [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
  [[nodiscard]] std::chrono::seconds window() const noexcept { return window_; }

 private:
  std::uint64_t most_;
  std::chrono::seconds window_;
  std::deque<Instant> restarts_;
};

}  // namespace daemoneye_agent
