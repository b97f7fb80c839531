// Addresses that no other test uses.
#pragma once

#include <filesystem>
#include <string>

namespace busrt_testing {

/// A directory of its own under the system's temporary one, removed at the end with all it holds.
class TemporaryDirectory {
 public:
  /// Throws std::system_error.
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// The one ipc address that goes with a directory: a socket in it on Linux, on Windows a pipe named after it.
[[nodiscard]] std::string ipc_address_in(const std::filesystem::path& directory);

}  // namespace busrt_testing
