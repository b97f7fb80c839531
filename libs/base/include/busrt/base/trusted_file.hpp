// Checks that no other user can change a file or directory.
//
// A program trusts a file or directory if root or the program's user owns it, and neither group nor others
// may write to it. This applies to configuration, access rules, tokens, certificates and keys, and to runtime
// and state directories. On Windows the user's profile is private already, so every check passes.
//
// Thread safety: any thread may call these functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"

namespace busrt::base {

/// Checks a file by its open descriptor, so that no other file can take its place after the check. For a pipe
/// or a device, only the owner is checked. Errors: permission_denied, with a message that names `path`, the
/// owner and the mode.
[[nodiscard]] Result<> check_trusted_file(int descriptor, std::string_view path);

/// Checks a file by its name. Errors: as above; the system's own code, without a message, if the file cannot
/// be examined.
[[nodiscard]] Result<> check_trusted_file(const std::filesystem::path& path);

/// Checks a directory, and checks that no other user can replace it. Its parent must also belong to root or
/// to the program's user. Other users must not be able to write to the parent, or it must be sticky. If the
/// path is a symbolic link, the link and its target are checked.
///
/// Errors: permission_denied or the system's own code, both with a message that names the path.
[[nodiscard]] Result<> check_trusted_directory(const std::filesystem::path& path);

/// Returns the first `max_bytes` bytes of a file that check_trusted_file() accepts. A pipe or a device has
/// two seconds in all to deliver them. Errors: permission_denied with a message; the system's own code
/// without one.
[[nodiscard]] Result<std::string> read_trusted_file(const std::filesystem::path& path, std::size_t max_bytes);

/// As read_trusted_file(), but refuses pipes and devices. It serves files that are read more than once, and
/// it never waits. The returned string is the only copy in memory, so that a caller can erase it.
///
/// Errors: as above; invalid_argument with a message such as "it is a pipe, expected a regular file".
[[nodiscard]] Result<std::string> read_trusted_regular_file(const std::filesystem::path& path,
                                                            std::size_t max_bytes);

}  // namespace busrt::base
