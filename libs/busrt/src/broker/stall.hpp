// Whether a receiver that blocks publishers stalls.
//
// From the moment at which a publisher waits for a receiver, time is cut into periods of one stall limit. A
// receiver stalls when a period ends in which it has taken nothing, or less than the least rate, and it has
// no room for the frame that waits longest. A receiver that takes bytes at that rate blocks a publisher only
// for as long as it takes the bytes before the blocked frame. A receiver that takes a byte now and then
// blocks it for one period.
#pragma once

#include <chrono>
#include <cstdint>

#include "busrt/limits.hpp"

namespace busrt::broker {

/// One period of one receiver. Plain values, no clock.
class StallPeriod {
 public:
  using Clock = std::chrono::steady_clock;

  /// `taken`: bytes that the receiver has taken in its life.
  void begin(Clock::time_point now, std::uint64_t taken) noexcept {
    begun_ = now;
    taken_before_ = taken;
  }
  /// Time in which nothing could be written to the receiver does not count.
  void extend(Clock::duration lateness) noexcept { begun_ += lateness; }

  [[nodiscard]] bool over(Clock::time_point now, Clock::duration limit) const noexcept {
    return now - begun_ > limit;
  }
  /// True where the receiver has taken as much as it must in the period, which ends now.
  [[nodiscard]] bool kept_up(Clock::time_point now, std::uint64_t taken) const noexcept {
    const std::uint64_t bytes = taken - taken_before_;
    const auto length = std::chrono::duration_cast<std::chrono::milliseconds>(now - begun_);
    return bytes != 0 && limits::receive_time(bytes) >= length;
  }

 private:
  Clock::time_point begun_;
  std::uint64_t taken_before_ = 0;
};

}  // namespace busrt::broker
