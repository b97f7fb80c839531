// Adaptive spin: whether a thread yields its processor for a moment and polls once more, before it sleeps or
// writes an ack alone.
//
// A sleeping thread costs the next sender a wake-up, and a lone ack costs a write. Spinning pays if the next
// event comes soon, or comes from a process that waits for this very processor. It does not pay if nothing
// comes, or if another process keeps the processor for long. Each spin that did not pay makes the next one
// rarer.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace busrt::transport {

/// Belongs to one loop's thread.
class AdaptiveSpin {
 public:
  /// True if the thread should spin now. Call it once for each occasion.
  [[nodiscard]] bool should_spin() noexcept {
    if (skips_ == 0) return true;
    --skips_;
    return false;
  }

  /// Records the result of a spin: whether an event came, and how long the processor was given away.
  void record(bool found_event, std::chrono::steady_clock::duration taken) noexcept {
    if (found_event && taken <= longest_pause) {
      interval_ = 0;
    } else {
      interval_ = std::min(most_skips, interval_ * 2 + 1);
    }
    skips_ = interval_;
  }

 private:
  /// A round trip between processes on one processor takes some 20 us.
  static constexpr std::chrono::microseconds longest_pause{100};
  static constexpr std::uint32_t most_skips = 255;

  std::uint32_t interval_ = 0;
  std::uint32_t skips_ = 0;
};

}  // namespace busrt::transport
