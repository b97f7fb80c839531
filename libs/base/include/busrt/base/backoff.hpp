// Growing delays between attempts.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace busrt::base {

/// How much of a delay is drawn at random, so that many that failed together do not try again together. The
/// names are those of "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015).
enum class Jitter : std::uint8_t {
  none,   ///< the whole step
  equal,  ///< between a half of the step and all of it: an attempt loop can never become a busy one
  full,   ///< between zero and the step: spreads many clients best
};

/// Delays whose step doubles from `first` to `most`. It has neither a clock nor a generator of random
/// numbers. Thread safety: none.
class Backoff {
 public:
  using Duration = std::chrono::milliseconds;

  /// A `first` below 1 ms counts as 1 ms, and a `most` below `first` as `first`.
  constexpr Backoff(Duration first, Duration most, Jitter jitter) noexcept
      : first_(std::max(first, Duration(1))), most_(std::max(most, first_)), step_(first_), jitter_(jitter) {}

  /// Returns the next delay and doubles the step. `random` lies in [0, 1).
  [[nodiscard]] constexpr Duration next(double random) noexcept {
    const Duration step = step_;
    step_ = step > most_ / 2 ? most_ : step * 2;
    const auto part = [random](Duration whole) {
      return Duration(static_cast<Duration::rep>(static_cast<double>(whole.count()) * random));
    };
    switch (jitter_) {
      case Jitter::none:
        return step;
      case Jitter::equal:
        return std::max(step / 2 + part(step - step / 2), Duration(1));
      case Jitter::full:
        return part(step);
    }
    return step;
  }

  /// Returns the longest delay that next() can give now.
  [[nodiscard]] constexpr Duration ceiling() const noexcept { return step_; }
  /// Makes the next delay the first one again.
  constexpr void reset() noexcept { step_ = first_; }

 private:
  Duration first_;
  Duration most_;
  Duration step_;
  Jitter jitter_;
};

}  // namespace busrt::base
