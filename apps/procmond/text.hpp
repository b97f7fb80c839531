// Words and paths in command lines.
#pragma once

#include <string_view>

namespace procmond {

/// What separates words of a command line.
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The last component of a path; the path itself when it has none.
[[nodiscard]] std::string_view base_name(std::string_view path) noexcept;

}  // namespace procmond
