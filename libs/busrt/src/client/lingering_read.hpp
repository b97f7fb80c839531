// A connection that takes no more bytes, but is still read ("lingering close"): what the broker had written
// before it closed is not lost.
#pragma once

#include <chrono>
#include <optional>
#include <utility>

#include "busrt/error.hpp"

namespace busrt::detail {

/// The client reads as long as bytes come. The connection ends when none came for one interval, when the
/// application took no frames for the timeout, or after ten timeouts: such a peer sends, but does not read.
/// Not thread-safe. No clock, no I/O.
class LingeringRead {
 public:
  using Clock = std::chrono::steady_clock;

  explicit LingeringRead(std::chrono::milliseconds timeout) : timeout_(timeout) {}

  [[nodiscard]] bool active() const noexcept { return failure_.has_value(); }
  /// Why writing failed. Must be active.
  [[nodiscard]] const Error& failure() const noexcept { return *failure_; }
  /// Must be active.
  [[nodiscard]] Clock::time_point next_check() const noexcept { return next_check_; }

  /// A write has failed. `reading_paused`: the client does not read, because its queue of frames is full.
  void begin(const Error& failure, Clock::time_point now, bool reading_paused) {
    failure_ = failure;
    began_ = last_received_ = now;
    was_paused_ = reading_paused;
    next_check_ = now + interval;
  }
  /// To be called at next_check(). `received`: bytes came since the last check. Returns false if the
  /// connection is to be ended.
  [[nodiscard]] bool check(Clock::time_point now, bool received, bool reading_paused) noexcept {
    const bool resumed = std::exchange(was_paused_, reading_paused) && !reading_paused;
    const bool progress = received || resumed;
    if (progress) last_received_ = now;
    next_check_ = now + interval;
    const bool patient = reading_paused ? now - last_received_ < timeout_ : progress;
    return patient && now - began_ < 10 * timeout_;
  }
  void reset() noexcept { failure_.reset(); }

  /// How long no byte may come from such a connection.
  static constexpr std::chrono::milliseconds interval{100};

 private:
  const std::chrono::milliseconds timeout_;
  std::optional<Error> failure_;
  Clock::time_point began_{};
  Clock::time_point last_received_{};
  Clock::time_point next_check_{};
  bool was_paused_ = false;
};

}  // namespace busrt::detail
