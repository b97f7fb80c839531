// One agent per state directory.
#pragma once

#include <filesystem>
#include <utility>

#include "busrt/base/result.hpp"

namespace daemoneye_agent {

/// Holds a state directory: a flock on the directory itself, which needs no space on a full disk, and which
/// the kernel releases whatever happens to the process.
class StateLock {
 public:
  /// Errors: resource_unavailable_try_again with a sentence that names the other agent's pid; the system's
  /// own otherwise.
  [[nodiscard]] static busrt::base::Result<StateLock> take(const std::filesystem::path& state_dir);
  StateLock(StateLock&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  StateLock& operator=(StateLock&&) = delete;
  /// Removes the file of write_pid() and lets go of the directory.
  ~StateLock();

  /// Writes this process's pid to `agent.lock` in the directory, for the sentence that refuses another agent.
  /// The directory is held with it or without. Errors: the system's own, naming the file.
  [[nodiscard]] busrt::base::Result<> write_pid() const;

 private:
  StateLock(std::filesystem::path pid_file, int fd) noexcept : path_(std::move(pid_file)), fd_(fd) {}
  std::filesystem::path path_;
  int fd_;
};

}  // namespace daemoneye_agent
