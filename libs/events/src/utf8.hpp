// Makes text that came from the host (arguments, paths, names: any bytes) fit for JSON.
#pragma once

#include <string>
#include <string_view>

namespace daemoneye::events {

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Replaces each byte that is no part of a well-formed character by U+FFFD.
[[nodiscard]] std::string repair_utf8(std::string_view text);

}  // namespace daemoneye::events
