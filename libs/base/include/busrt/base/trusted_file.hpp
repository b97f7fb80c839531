// Whether another user can change what a file name stands for.
//
// A program trusts a file or directory when root or its own user owns it, and neither group nor others may
// write to it. Configuration, access rules, tokens, certificates and keys are such files; the runtime
// directory and the state directory are such directories. On Windows the user's profile is private already:
// every check passes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"

namespace busrt::base {

/// Checks a file by its open descriptor, so that no other file can take its place after the check.
/// Errors: permission_denied, with a sentence that names `path`, the owner and the mode. A pipe or a device
/// is checked for its owner alone.
[[nodiscard]] Result<> check_trusted_file(int descriptor, std::string_view path);

/// Checks a file by its name. Errors: as above; the system's own code without a sentence where the file
/// cannot be looked at.
[[nodiscard]] Result<> check_trusted_file(const std::filesystem::path& path);

/// Checks a directory, and that no other user can replace it: its parent belongs to root or to this user too,
/// and is closed to other writers or sticky. A symbolic link in its place is checked with what it leads to.
/// Errors: permission_denied and the system's own, both with a sentence that names the path.
[[nodiscard]] Result<> check_trusted_directory(const std::filesystem::path& path);

/// Returns the first `max_bytes` bytes of a file that check_trusted_file() accepts. A pipe or a device has
/// two seconds in all to give them. Errors: permission_denied with a sentence; the system's own code without
/// one.
[[nodiscard]] Result<std::string> read_trusted_file(const std::filesystem::path& path, std::size_t max_bytes);

/// The same for a file that is read more than once, so that a pipe or a device cannot stand for it. A reader
/// never waits. What it returns has no other copy in memory, so that a caller can wipe it.
/// Errors: as above; invalid_argument with a sentence, "it is a pipe, expected a regular file".
[[nodiscard]] Result<std::string> read_trusted_regular_file(const std::filesystem::path& path,
                                                            std::size_t max_bytes);

}  // namespace busrt::base
