// UTF-8 by its definition (RFC 3629), for text that may be anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace busrt::base {

struct CodePoint {
  std::uint32_t value = 0;
  std::size_t bytes = 0;  ///< 0: not UTF-8
};

/// The first code point of `text`, which is not empty. Overlong forms, surrogates and values beyond U+10FFFF
/// are not UTF-8.
[[nodiscard]] CodePoint decode_utf8(std::string_view text) noexcept;

[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

}  // namespace busrt::base
