// How long to wait before the next restart, and when to stop trying. No clock, no randomness of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

namespace daemoneye_agent {

using Instant = std::chrono::steady_clock::time_point;

/// Doubling waits with jitter: the n-th is between half and all of initial * 2^n, capped at `most`.
class Backoff {
 public:
  /// `initial` at least 1 ms, `most` at least `initial`.
  Backoff(std::chrono::milliseconds initial, std::chrono::milliseconds most) noexcept;

  /// `random` in [0, 1).
  [[nodiscard]] std::chrono::milliseconds next(double random) noexcept;
  void reset() noexcept { current_ = initial_; }

 private:
  std::chrono::milliseconds initial_;
  std::chrono::milliseconds most_;
  std::chrono::milliseconds current_;
};

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
