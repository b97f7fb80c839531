// One owner for a socket file or a fifo.
#pragma once

#include <filesystem>
#include <utility>

#include "busrt/error.hpp"

namespace busrt::transport {

/// Holds PATH.lock for as long as a broker owns PATH. The kernel holds the lock (flock), so it ends with its
/// process however that ends, and a lock file that a dead process has left is taken over. The owner removes
/// the file at its end.
class PathLock {
 public:
  /// Errors: errc::busy when another broker owns the path; others name the lock file and the system's reason.
  [[nodiscard]] static Result<PathLock> take(const std::filesystem::path& path);

  PathLock() = default;
  PathLock(PathLock&& other) noexcept
      : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  PathLock& operator=(PathLock&& other) noexcept {
    if (this == &other) return *this;
    release();
    file_ = std::move(other.file_);
    descriptor_ = std::exchange(other.descriptor_, -1);
    return *this;
  }
  ~PathLock() { release(); }

  /// Another broker may own the path from now on.
  void release() noexcept;

 private:
  PathLock(std::filesystem::path file, int descriptor) noexcept
      : file_(std::move(file)), descriptor_(descriptor) {}

  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace busrt::transport
