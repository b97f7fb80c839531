// The pid file: written when the broker listens, removed when it stops.
#pragma once

#include <cstdint>
#include <string>

#include "busrt/base/result.hpp"

namespace busrtd {

/// Owns the file: removes it at its end, unless another process has put its own there meanwhile.
class PidFile {
 public:
  PidFile() = default;
  ~PidFile();
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;

  /// Writes this process's id, under a temporary name in the same directory, and renames it into place, so
  /// that a reader never sees half a number. Replaces a regular file of this user alone.
  /// Errors: file_exists for anything else in its place; the system's own. The sentence names the path.
  [[nodiscard]] busrt::base::Result<> write(const std::string& path);

 private:
  std::string path_;
  std::uint64_t inode_ = 0;  ///< of the file that was written; unused on Windows
};

}  // namespace busrtd
