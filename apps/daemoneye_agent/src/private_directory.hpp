// Directories that belong to one user alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace daemoneye_agent {

/// Makes the directory, and those above it that are missing, with mode 0700. Returns a warning when it is
/// there already and others may enter it or it belongs to somebody else; empty when all is well. Errors name
/// the path.
[[nodiscard]] base::Result<std::string> ensure_private_directory(const std::filesystem::path& path);

}  // namespace daemoneye_agent
