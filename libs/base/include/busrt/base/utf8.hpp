// Decodes UTF-8 (RFC 3629) from arbitrary bytes.
#pragma once

#include <cstddef>
#include <cstdint>
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

/// Returns true if the whole text is UTF-8.
[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

}  // namespace busrt::base
