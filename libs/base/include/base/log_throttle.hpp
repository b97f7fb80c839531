// For lines that a peer, or a system without room, could cause as often as it likes.
#pragma once

#include <atomic>
#include <chrono>

namespace base {

/// Lets one line a second through. Thread-safe.
class LogThrottle {
 public:
  using Clock = std::chrono::steady_clock;

  [[nodiscard]] bool pass(Clock::time_point now = Clock::now()) noexcept {
    const Clock::rep ticks = now.time_since_epoch().count();
    Clock::rep next = next_.load(std::memory_order_relaxed);
    return ticks >= next && next_.compare_exchange_strong(next, ticks + interval, std::memory_order_relaxed);
  }

 private:
  static constexpr Clock::rep interval = Clock::duration(std::chrono::seconds(1)).count();
  std::atomic<Clock::rep> next_{0};
};

}  // namespace base
