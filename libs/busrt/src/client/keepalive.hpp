// Finds out whether the broker is still there, and tells the broker that the client is.
//
// The model. A check runs every quarter of the timeout, so that nothing that is sent or received needs a
// clock. A broker sends a nop every half timeout. From silence_to_probe quiet quarters on, the client asks it
// for an answer: its timeout may be longer than the client's. After silence_allowed, twice the timeout, it
// counts as lost. While the client itself does not read, silence means nothing.
#pragma once

#include <chrono>
#include <cstdint>
#include <utility>

namespace busrt::detail {

/// Not thread-safe. No clock, no I/O.
class KeepAlive {
 public:
  using Clock = std::chrono::steady_clock;

  /// What the owner does after a check.
  enum class Action : std::uint8_t {
    none,
    ping,   ///< the client was silent: send a ping, unless something is queued
    probe,  ///< the broker was silent: ask it for an answer
    lost    ///< the broker was silent for too long: end the connection
  };

  explicit KeepAlive(std::chrono::milliseconds timeout) : interval_(timeout / 4) {}

  /// A byte came from the broker, or went to it.
  void received() noexcept { received_ = true; }
  void sent() noexcept { sent_ = true; }
  /// Returns whether a byte came since the last check or call.
  [[nodiscard]] bool take_received() noexcept { return std::exchange(received_, false); }

  /// The connection is up.
  void start(Clock::time_point now) noexcept {
    next_check_ = now + interval_;
    silent_checks_ = 0;
  }
  [[nodiscard]] Clock::time_point next_check() const noexcept { return next_check_; }

  /// To be called at next_check(). `reading_paused`: the client does not read. `writing`: a write is under
  /// way.
  [[nodiscard]] Action check(Clock::time_point now, bool reading_paused, bool writing) noexcept {
    next_check_ = now + interval_;
    silent_checks_ = take_received() || reading_paused ? 0 : silent_checks_ + 1;
    if (silent_checks_ >= silence_allowed) return Action::lost;
    if (silent_checks_ >= silence_to_probe) return Action::probe;
    return std::exchange(sent_, false) || writing ? Action::none : Action::ping;
  }

  static constexpr unsigned silence_allowed = 8;   ///< quarters of the timeout
  static constexpr unsigned silence_to_probe = 4;  ///< quarters of the timeout

 private:
  const Clock::duration interval_;
  Clock::time_point next_check_{};
  unsigned silent_checks_ = 0;
  bool received_ = false;
  bool sent_ = false;
};

}  // namespace busrt::detail
