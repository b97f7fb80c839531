// Whether it pays to let an ack wait for company. An ack that goes out alone costs a write and wakes its
// client; a moment later the client often gets an answer anyway, and both could go in one piece. The moment
// is no timer: the loop gives its processor away once and looks whether anything has come. Where the next
// frame comes from a process that waits for this very processor that always pays; where every process has a
// processor of its own, or where somebody else takes this one for long, it does not, and is tried ever more
// rarely.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace busrt::broker {

/// Belongs to one shard's thread.
class AckPatience {
 public:
  /// To be asked once for each batch that has only acks for somebody.
  [[nodiscard]] bool worth_waiting() noexcept {
    if (skips_ == 0) return true;
    --skips_;
    return false;
  }

  /// The processor was given away for so long; `company` says whether anything had come by then.
  void learn(bool company, std::chrono::steady_clock::duration taken) noexcept {
    if (company && taken <= longest_pause) {
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

}  // namespace busrt::broker
