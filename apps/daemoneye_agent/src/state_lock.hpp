// One agent per state directory.
#pragma once

#include <filesystem>
#include <utility>

#include "base/result.hpp"

namespace daemoneye_agent {

/// Holds `agent.lock` in the state directory (flock, so the kernel releases it whatever happens to the
/// process) and removes the file at its end.
class StateLock {
 public:
  /// Errors: resource_unavailable_try_again with a sentence that names the other agent's pid; the system's
  /// own otherwise.
  [[nodiscard]] static base::Result<StateLock> take(const std::filesystem::path& state_dir);
  StateLock(StateLock&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  StateLock& operator=(StateLock&&) = delete;
  ~StateLock();

 private:
  StateLock(std::filesystem::path path, int fd) noexcept : path_(std::move(path)), fd_(fd) {}
  std::filesystem::path path_;
  int fd_;
};

}  // namespace daemoneye_agent
