// A counter that one thread writes and others read.
#pragma once

#include <atomic>
#include <cstdint>

namespace busrt::base {

/// An atomic number with relaxed order: each value is right by itself; two counters may be one event apart.
/// Thread safety: any thread.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

}  // namespace busrt::base
