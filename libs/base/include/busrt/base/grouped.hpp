// Formats numbers for people.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace busrt::base {

/// Returns the number with a separator between groups of three digits: 1234567 becomes 1,234,567.
[[nodiscard]] inline std::string grouped(std::uint64_t number, char separator = ',') {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, 1, separator);
  }
  return digits;
}

}  // namespace busrt::base
