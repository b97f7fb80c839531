// What is opened is looked at before it is read: the name may stand for anything.
#include "config/config_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "busrt/base/trusted_file.hpp"

namespace daemoneye_agent {
namespace {

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISCHR(mode)) return "a character device";
  if (S_ISBLK(mode)) return "a block device";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "something else";
}

busrt::base::Result<std::string> system_error(int number) {
  return busrt::base::fail_errno(number, std::generic_category().message(number));
}

busrt::base::Result<std::string> read_bounded(int fd, const std::string& path) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return system_error(errno);
  if (!S_ISREG(status.st_mode)) {
    return busrt::base::fail_errno(EINVAL,
                                   fmt::format("it is {}, expected a regular file", kind_of(status.st_mode)));
  }
  if (auto trusted = busrt::base::check_trusted_file(fd, path); !trusted) {
    return std::unexpected(std::move(trusted).error());
  }
  // By what is read and not by what the size says: a file of /proc has none, and one can grow meanwhile.
  std::string text(max_config_bytes + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = ::read(fd, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno);
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > max_config_bytes) {
    return busrt::base::fail_errno(EFBIG, fmt::format("it has more than {} bytes", max_config_bytes));
  }
  text.resize(length);
  return text;
}

}  // namespace

busrt::base::Result<std::string> read_config_file(const std::string& path) {
  // O_NONBLOCK: opening a fifo would wait for a writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return errno == ENXIO ? busrt::base::fail_errno(
                                ENXIO, "it is a socket or a device without a driver, expected a regular file")
                          : system_error(errno);
  auto text = read_bounded(fd, path);
  ::close(fd);
  return text;
}

}  // namespace daemoneye_agent
