// flock plus a check that the locked file is still the one that the name stands for, because the holder
// removes it.
#include "state_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

namespace daemoneye_agent {
namespace {

std::string read_pid(int fd) {
  std::array<char, 32> text{};
  const auto got = ::pread(fd, text.data(), text.size(), 0);
  std::string pid(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "unknown" : pid;
}

bool still_named(int fd, const std::filesystem::path& path) {
  struct stat locked{}, named{};
  return ::fstat(fd, &locked) == 0 && ::stat(path.c_str(), &named) == 0 && locked.st_ino == named.st_ino &&
         locked.st_dev == named.st_dev;
}

}  // namespace

base::Result<StateLock> StateLock::take(const std::filesystem::path& state_dir) {
  const auto path = state_dir / "agent.lock";
  for (;;) {
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return base::fail_errno(errno, path.string());
    StateLock lock(path, fd);
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
      const int error = errno;
      const std::string pid = read_pid(fd);
      lock.fd_ = -1;
      ::close(fd);
      if (error != EWOULDBLOCK) return base::fail_errno(error, path.string());
      return base::fail_errno(
          EAGAIN, fmt::format("another agent (pid {}) uses the state directory {}", pid, state_dir.string()));
    }
    if (!still_named(fd, path)) {
      lock.fd_ = -1;
      ::close(fd);
      continue;
    }
    const std::string pid = fmt::format("{}\n", ::getpid());
    if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
      return base::fail_errno(errno, path.string());
    }
    return lock;
  }
}

StateLock::~StateLock() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
}

}  // namespace daemoneye_agent
