#include "transport/linux/path_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "transport/descriptor.hpp"

namespace busrt::transport {

namespace {

/// False when the owner before removed the file between our open() and our flock().
bool still_named(const struct stat& locked, const std::filesystem::path& file) {
  struct stat named{};
  return ::lstat(file.c_str(), &named) == 0 && locked.st_ino == named.st_ino && locked.st_dev == named.st_dev;
}

int lock_now(int descriptor) {
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

}  // namespace

Result<PathLock> PathLock::take(const std::filesystem::path& path) {
  std::filesystem::path file = path;
  file += ".lock";
  const std::string what = "cannot bind " + path.native();
  for (;;) {
    // O_NONBLOCK: a fifo in the file's place must not make us wait.
    Descriptor opened(
        ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600));
    if (opened.get() < 0)
      return base::fail_errno(errno, what + ": cannot open its lock file " + file.native());
    struct stat found{};
    if (::fstat(opened.get(), &found) != 0 || !S_ISREG(found.st_mode)) {
      return fail(errc::busy, what + ": its lock file " + file.native() + " is no regular file");
    }
    const int error = lock_now(opened.get());
    if (error == EWOULDBLOCK)
      return fail(errc::busy, what + ": another broker has it (" + file.native() + ")");
    if (error != 0) return base::fail_errno(error, what + ": cannot lock " + file.native());
    if (still_named(found, file)) return PathLock(std::move(file), opened.release());
  }
}

void PathLock::release() noexcept {
  if (descriptor_ < 0) return;
  // While it is locked: afterwards the name could stand for the file of the next owner.
  ::unlink(file_.c_str());
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace busrt::transport
