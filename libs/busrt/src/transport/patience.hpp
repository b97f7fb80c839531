// Whether it pays to give the processor away for a moment and look again before doing what cannot be taken
// back: sleeping, which makes the next sender wake this thread, or writing an ack alone. Where the next event
// comes from a process that waits for this very processor, or comes soon, it pays; where nothing comes, or
// somebody else takes the processor for long, it does not, and is tried ever more rarely.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace busrt::transport {

/// Belongs to one loop's thread.
class Patience {
 public:
  /// To be asked once for each occasion.
  [[nodiscard]] bool worth_waiting() noexcept {
    if (skips_ == 0) return true;
    --skips_;
    return false;
  }

  /// The processor was given away for so long; `something` says whether anything had come by then.
  void learn(bool something, std::chrono::steady_clock::duration taken) noexcept {
    if (something && taken <= longest_pause) {
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
