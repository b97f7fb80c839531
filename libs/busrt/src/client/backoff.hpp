// How long to wait before the next attempt to connect: exponential, with full jitter. No clock.
#pragma once

#include <algorithm>
#include <chrono>

namespace busrt::detail {

class Backoff {
 public:
  using Duration = std::chrono::milliseconds;

  Backoff(Duration first, Duration most)
      : first_(std::max(first, Duration(1))), most_(std::max(most, first_)), ceiling_(first_) {}

  /// `random` lies in [0, 1).
  [[nodiscard]] Duration next(double random) {
    const auto drawn = static_cast<Duration::rep>(static_cast<double>(ceiling_.count()) * random);
    ceiling_ = ceiling_ > most_ / 2 ? most_ : ceiling_ * 2;
    return Duration(drawn);
  }
  /// The longest that the next draw can be.
  [[nodiscard]] Duration ceiling() const noexcept { return ceiling_; }
  void reset() noexcept { ceiling_ = first_; }

 private:
  Duration first_;
  Duration most_;
  Duration ceiling_;
};

}  // namespace busrt::detail
