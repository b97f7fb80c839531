// By when a peer must have been heard.
#pragma once

#include <chrono>

namespace busrt::broker {

/// Plain values, no clock.
class SessionDeadlines {
 public:
  using Clock = std::chrono::steady_clock;

  explicit SessionDeadlines(Clock::time_point now) noexcept : opened_(now), last_input_(now) {}

  void note_input(Clock::time_point now) noexcept { last_input_ = now; }
  /// The loop was late by this much, and could not read: every deadline moves.
  void extend(Clock::duration lateness) noexcept {
    opened_ += lateness;
    last_input_ += lateness;
  }
  /// True if the handshake has taken longer than `timeout`.
  [[nodiscard]] bool handshake_over(Clock::time_point now, Clock::duration timeout) const noexcept {
    return now - opened_ > timeout;
  }
  /// True if nothing came for 10/8 of `timeout`, at which clients send pings.
  [[nodiscard]] bool silent(Clock::time_point now, Clock::duration timeout) const noexcept {
    return now - last_input_ > timeout * 10 / 8;
  }

 private:
  Clock::time_point opened_;
  Clock::time_point last_input_;
};

}  // namespace busrt::broker
