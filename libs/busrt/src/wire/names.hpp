// What may stand where a client name, topic or pattern stands.
#pragma once

#include <string_view>

namespace busrt::wire {

/// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] bool valid_utf8(std::string_view text) noexcept;

/// True for a name that can stand in a frame: UTF-8 without a NUL. Says nothing of length or reserved names.
[[nodiscard]] bool valid_name(std::string_view text) noexcept;

}  // namespace busrt::wire
