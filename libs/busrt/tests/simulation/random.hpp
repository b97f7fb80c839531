// Random numbers that are the same for the same seed, on every system.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>

namespace busrt::simulation {

/// SplitMix64 (Steele, Lea and Flood).
[[nodiscard]] constexpr std::uint64_t next_random(std::uint64_t& state) noexcept {
  state += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
  return mixed ^ (mixed >> 31U);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint64_t next() noexcept { return next_random(state_); }
  /// In [0, bound); `bound` is not zero.
  std::size_t below(std::size_t bound) noexcept { return static_cast<std::size_t>(next() % bound); }
  /// In [least, most].
  std::size_t between(std::size_t least, std::size_t most) noexcept {
    return least + below(most - least + 1);
  }
  bool chance(double probability) noexcept {
    return static_cast<double>(next() >> 11U) < probability * 9007199254740992.0;  // 2^53
  }
  template <class T>
  T pick(std::initializer_list<T> choices) noexcept {
    return *(choices.begin() + static_cast<std::ptrdiff_t>(below(choices.size())));
  }
  template <class T>
  const T& pick(std::span<const T> choices) noexcept {
    return choices[below(choices.size())];
  }
  /// Between nothing and twice the mean.
  std::chrono::steady_clock::duration around(std::chrono::steady_clock::duration mean) noexcept {
    if (mean.count() <= 0) return {};
    return std::chrono::steady_clock::duration(
        static_cast<std::chrono::steady_clock::rep>(below(static_cast<std::size_t>(mean.count()) * 2 + 1)));
  }
  template <class T>
  void shuffle(std::span<T> items) noexcept {
    for (std::size_t left = items.size(); left > 1; --left) std::swap(items[left - 1], items[below(left)]);
  }

 private:
  std::uint64_t state_;
};

}  // namespace busrt::simulation
