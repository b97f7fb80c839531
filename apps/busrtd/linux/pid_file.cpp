#include "pid_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <random>
#include <string_view>

namespace busrtd {
namespace {

constexpr int most_names = 16;

std::string own_id() {
  return std::to_string(::getpid());
}

const char* kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISFIFO(mode)) return "a fifo";
  if (S_ISSOCK(mode)) return "a socket";
  return S_ISREG(mode) ? "a file" : "a device";
}

/// Nothing, or a file of ours, may lie where the pid file goes.
busrt::base::Result<> check_place(const std::string& path) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return busrt::base::fail_errno(errno, "pid file " + path);
  }
  if (S_ISREG(found.st_mode) && found.st_uid == ::geteuid()) return {};
  std::array<char, 8> mode{};
  std::snprintf(mode.data(), mode.size(), "%04o", found.st_mode & 07777U);
  return busrt::base::fail_errno(EEXIST, "pid file " + path + ": " + kind_of(found.st_mode) + " of uid " +
                                             std::to_string(found.st_uid) + " with mode " + mode.data() +
                                             " is in its place; expected nothing, or a regular file of uid " +
                                             std::to_string(::geteuid()));
}

/// Makes a file that was not there; it passes over a name that another user has planted.
int make_draft(const std::string& path, std::string& draft) {
  std::random_device random;
  for (int i = 0; i < most_names; ++i) {
    draft = path + "." + std::to_string(random());
    const int made = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (made >= 0 || errno != EEXIST) return made;
  }
  return -1;
}

/// The inode of the file, or the system's error.
busrt::base::Result<std::uint64_t> fill(int descriptor) {
  // No newline: the real server writes none, and scripts compare the whole file.
  const std::string id = own_id();
  const auto put = ::write(descriptor, id.data(), id.size());
  if (put != static_cast<ssize_t>(id.size())) return busrt::base::fail_errno(put < 0 ? errno : ENOSPC, {});
  struct stat made{};
  if (::fstat(descriptor, &made) != 0) return busrt::base::fail_errno(errno, {});
  return made.st_ino;
}

bool holds_own_id(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (descriptor < 0) return false;
  std::array<char, 32> text{};
  const auto got = ::read(descriptor, text.data(), text.size());
  ::close(descriptor);
  return got > 0 && std::string_view(text.data(), static_cast<std::size_t>(got)) == own_id();
}

}  // namespace

PidFile::~PidFile() {
  if (path_.empty()) return;
  struct stat found{};
  const bool ours = ::lstat(path_.c_str(), &found) == 0 && S_ISREG(found.st_mode) && found.st_ino == inode_ &&
                    holds_own_id(path_);
  if (ours) ::unlink(path_.c_str());
}

busrt::base::Result<> PidFile::write(const std::string& path) {
  if (auto free = check_place(path); !free) return free;
  std::string draft;
  const int descriptor = make_draft(path, draft);
  if (descriptor < 0) return busrt::base::fail_errno(errno, "pid file " + path);
  auto filled = fill(descriptor);
  if (::close(descriptor) != 0 && filled) filled = busrt::base::fail_errno(errno, {});
  if (filled && ::rename(draft.c_str(), path.c_str()) != 0) filled = busrt::base::fail_errno(errno, {});
  if (!filled) {
    ::unlink(draft.c_str());
    return busrt::base::fail(filled.error().code, "pid file " + path);
  }
  path_ = path;
  inode_ = *filled;
  return {};
}

}  // namespace busrtd
