// What the text of an ipc address names on this system.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace busrt {

/// Address::target, or a sentence that says why there is none.
using Target = std::expected<std::string, std::string>;

/// Of ipc://TEXT.
[[nodiscard]] Target ipc_target(std::string_view text);

/// Whether a text without a scheme names a local socket, and of one that does.
[[nodiscard]] bool looks_like_path(std::string_view text);
[[nodiscard]] Target path_target(std::string_view path);

}  // namespace busrt
