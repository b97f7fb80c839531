// Words and paths in command lines.
#pragma once

#include <cstddef>
#include <string_view>

namespace busrt::base {

/// Returns whether the character separates words of a command line: blank, tab, line feed, carriage return.
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Returns the last component of a path; the path itself when it ends with a slash or has none.
[[nodiscard]] constexpr std::string_view base_name(std::string_view path) noexcept {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string_view::npos || slash + 1 == path.size()) return path;
  return path.substr(slash + 1);
}

}  // namespace busrt::base
