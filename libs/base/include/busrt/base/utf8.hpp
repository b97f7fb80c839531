// Decodes UTF-8 (RFC 3629) from arbitrary bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace busrt::base {

/// A decoded code point.
struct CodePoint {
  std::uint32_t value = 0;  ///< the code point's value
  std::size_t bytes = 0;    ///< its length in bytes; 0 if the bytes are not UTF-8
};

/// Returns the first code point of `text`, which must not be empty. Overlong forms, surrogates and values
/// beyond U+10FFFF are not UTF-8.
[[nodiscard]] CodePoint decode_utf8(std::string_view text) noexcept;

/// Returns true if the whole text is UTF-8. Looks at eight bytes at a time where they are ASCII.
[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

/// Returns the text with U+FFFD in the place of each byte that is no part of a code point.
[[nodiscard]] std::string replace_invalid_utf8(std::string_view text);

/// Returns the text with the four characters \xNN (lower-case hexadecimal digits) in the place of each byte
/// that is no part of a code point. A backslash of the text stays a single one.
[[nodiscard]] std::string escape_invalid_utf8(std::string_view text);

/// Returns the longest front of `text`, which has to be UTF-8, that has at most `most` bytes and ends with a
/// code point.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t most) noexcept;

}  // namespace busrt::base
