#include "state/state_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace daemoneye_agent {
namespace {

std::string read_pid(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return "unknown";
  std::array<char, 32> text{};
  const auto got = ::read(fd, text.data(), text.size());
  ::close(fd);
  std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "unknown" : pid;
}

}  // namespace

busrt::base::Result<StateLock> StateLock::take(const std::filesystem::path& state_dir) {
  const int fd = ::open(state_dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return busrt::base::fail_errno(errno, state_dir.string());
  const auto pid_file = state_dir / "agent.lock";
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return StateLock(pid_file, fd);
  const int error = errno;
  ::close(fd);
  if (error != EWOULDBLOCK) return busrt::base::fail_errno(error, state_dir.string());
  return busrt::base::fail_errno(EAGAIN, fmt::format("another agent (pid {}) uses the state directory {}",
                                                     read_pid(pid_file), state_dir.string()));
}

busrt::base::Result<> StateLock::write_pid() const {
  const int fd =
      ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd < 0) return busrt::base::fail_errno(errno, "cannot write " + path_.string());
  const std::string pid = fmt::format("{}\n", ::getpid());
  errno = ENOSPC;  // what a short write means
  const bool written = ::write(fd, pid.data(), pid.size()) == static_cast<ssize_t>(pid.size());
  const int error = errno;
  ::close(fd);
  if (!written) return busrt::base::fail_errno(error, "cannot write " + path_.string());
  return {};
}

StateLock::~StateLock() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

}  // namespace daemoneye_agent
