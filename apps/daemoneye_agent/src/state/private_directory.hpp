// Directories that belong to one user alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "busrt/base/result.hpp"

namespace daemoneye_agent {

/// Makes the directory, and those above it that are missing, with mode 0700. Errors name the path.
[[nodiscard]] busrt::base::Result<> make_private_directory(const std::filesystem::path& path);

/// Makes the directory and checks that no other user can change what is in it. Returns a warning where others
/// may enter it; empty when all is well. Errors name the path, its owner and its mode.
[[nodiscard]] busrt::base::Result<std::string> ensure_private_directory(const std::filesystem::path& path);

}  // namespace daemoneye_agent
