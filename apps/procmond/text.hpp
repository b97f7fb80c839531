// Bytes of the host as text that JSON can carry: names and arguments of processes may hold any bytes.
#pragma once

#include <string>
#include <string_view>

namespace procmond {

/// Valid UTF-8 stays as it is; every other byte becomes the four characters \xNN (lower-case hexadecimal
/// digits). A backslash that was there stays a single one.
[[nodiscard]] std::string to_utf8(std::string_view bytes);

/// What separates words of a command line.
[[nodiscard]] constexpr bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The last component of a path; the path itself when it has none.
[[nodiscard]] std::string_view base_name(std::string_view path) noexcept;

}  // namespace procmond
