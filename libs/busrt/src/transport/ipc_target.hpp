// What the text of an ipc address names on this system.
#pragma once

#include <expected>
#include <filesystem>
#include <string>
#include <string_view>

#include "busrt/error.hpp"

namespace busrt {

/// Address::target, or a sentence that says why there is none.
using Target = std::expected<std::string, std::string>;

/// Of ipc://TEXT. See Address::parse() for `runtime_directory`.
[[nodiscard]] Target ipc_target(std::string_view text, const std::filesystem::path& runtime_directory);

/// Whether a text without a scheme names a local socket, and of one that does.
[[nodiscard]] bool looks_like_path(std::string_view text);
[[nodiscard]] Target path_target(std::string_view path);

/// Whether another user can change what is in the runtime directory, for a target that lies in it; others are
/// the choice of the user who named them. Errors name the directory, its owner and its mode. A directory that
/// is not there passes.
[[nodiscard]] Result<> check_runtime_directory(const std::filesystem::path& target,
                                               const std::filesystem::path& runtime_directory);

}  // namespace busrt
