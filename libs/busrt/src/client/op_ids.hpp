// Ids of operations and calls.
#pragma once

#include <cstdint>

namespace busrt::detail {

/// Counts from 1 to 2^32-1, then from 1 again. Not thread-safe.
class OpIds {
 public:
  OpIds() = default;
  explicit OpIds(std::uint32_t last) : last_(last) {}
  [[nodiscard]] std::uint32_t next() noexcept {
    if (++last_ == 0) last_ = 1;
    return last_;
  }

 private:
  std::uint32_t last_ = 0;
};

}  // namespace busrt::detail
