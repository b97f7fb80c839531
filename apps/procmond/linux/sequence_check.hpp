// Holes in the numbers that the kernel gives to the events of each CPU: the exact count of what was not
// delivered.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>

namespace procmond::linux_os {

/// The first number seen of a CPU is where its counting begins. Used by one thread.
class SequenceCheck {
 public:
  /// How many numbers were skipped before this one. A number that goes back counts as a new beginning.
  std::uint32_t see(std::uint32_t cpu, std::uint32_t sequence) {
    const auto [found, fresh] = next_.try_emplace(cpu, sequence + 1);
    if (fresh) return 0;
    const std::uint32_t skipped = sequence - found->second;
    found->second = sequence + 1;
    if (skipped >= (std::uint32_t{1} << 31U)) {
      ++restarts_;
      return 0;
    }
    missing_ += skipped;
    return skipped;
  }
  [[nodiscard]] std::uint64_t missing() const noexcept { return missing_; }
  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_; }

 private:
  boost::unordered_flat_map<std::uint32_t, std::uint32_t> next_;
  std::uint64_t missing_ = 0;
  std::uint64_t restarts_ = 0;
};

}  // namespace procmond::linux_os
