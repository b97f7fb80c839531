// Addresses that no other test uses.
#pragma once

#include <filesystem>
#include <string>

namespace busrt_testing {

/// A temporary directory. The destructor removes it with its contents.
class TemporaryDirectory {
 public:
  /// Creates the directory. Errors: throws std::system_error.
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  /// Returns the directory's path.
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// Returns the ipc address that belongs to a directory: on Linux a socket in it, on Windows a pipe with a
/// name made from it.
[[nodiscard]] std::string ipc_address_in(const std::filesystem::path& directory);

}  // namespace busrt_testing
