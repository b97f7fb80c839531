#include "busrt/base/trusted_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <optional>
#include <utility>

namespace busrt::base {

namespace {

/// For a pipe or a device to give what it holds, in all. It must not hang a reload, and `<(command)` of a
/// shell works.
constexpr std::chrono::milliseconds patience{2000};

constexpr const char* go_w = "no right to write for group and others (chmod go-w)";

bool is_ours(const struct stat& found) {
  return found.st_uid == 0 || found.st_uid == ::geteuid();
}

bool others_may_write(const struct stat& found) {
  return (found.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", mode & 07777U);
  return text;
}

std::unexpected<Error> distrust(std::string_view path, const struct stat& found, const char* advice) {
  const uid_t own = ::geteuid();
  std::string message(path);
  message += " belongs to uid " + std::to_string(found.st_uid) + " and has mode " + octal(found.st_mode) +
             ", so other users could change it; expected the owner " +
             (own == 0 ? "root" : "uid " + std::to_string(own) + " or root") + " and " + advice;
  return fail(std::make_error_code(std::errc::permission_denied), std::move(message));
}

Result<> check_file(const struct stat& found, std::string_view path) {
  const bool has_mode = S_ISREG(found.st_mode);
  if (is_ours(found) && !(has_mode && others_may_write(found))) return {};
  return distrust(path, found, go_w);
}

/// A directory or a link to one, and the directory above it.
Result<> check_entry(const std::filesystem::path& path, bool& link) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) {
    return fail_errno(errno, "cannot look at the directory " + path.native());
  }
  link = S_ISLNK(found.st_mode);
  if (!link && !S_ISDIR(found.st_mode)) return fail_errno(ENOTDIR, path.native() + " is no directory");
  // The mode of a link means nothing.
  if (!is_ours(found) || (!link && others_may_write(found))) return distrust(path.native(), found, go_w);
  const auto above = path.parent_path();
  struct stat parent{};
  if (::stat(above.c_str(), &parent) != 0) {
    return fail_errno(errno, "cannot look at the directory " + above.native());
  }
  // In a sticky directory users remove and rename their own entries alone.
  if (is_ours(parent) && (!others_may_write(parent) || (parent.st_mode & S_ISVTX) != 0)) return {};
  return distrust(above.native(), parent, go_w);
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a directory";
  if (S_ISCHR(mode)) return "a character device";
  if (S_ISBLK(mode)) return "a block device";
  if (S_ISFIFO(mode)) return "a pipe";
  if (S_ISSOCK(mode)) return "a socket";
  return "something else";
}

std::unexpected<Error> refuse_kind(std::string_view kind) {
  return fail(std::make_error_code(std::errc::invalid_argument),
              "it is " + std::string(kind) + ", expected a regular file");
}

/// Waits for bytes of a pipe or a device until `deadline`, at first unset. Returns errno, 0 for success.
int wait_for_bytes(int descriptor, std::optional<std::chrono::steady_clock::time_point>& deadline) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now();
  if (!deadline) deadline = now + patience;
  const auto left = std::chrono::ceil<milliseconds>(*deadline - now);
  pollfd readable{descriptor, POLLIN, 0};
  const int ready = ::poll(&readable, 1, static_cast<int>(std::max(left, milliseconds(0)).count()));
  if (ready < 0) return errno == EINTR ? 0 : errno;
  return ready == 0 ? ETIMEDOUT : 0;
}

/// Reads until the end, or until `size` bytes are there. Returns errno, 0 for success.
int read_whole(int descriptor, char* bytes, std::size_t size, std::size_t& length) {
  std::optional<std::chrono::steady_clock::time_point> deadline;
  while (length < size) {
    const auto got = ::read(descriptor, bytes + length, size - length);
    if (got == 0) return 0;
    if (got > 0) {
      length += static_cast<std::size_t>(got);
    } else if (errno == EAGAIN) {
      if (const int fault = wait_for_bytes(descriptor, deadline); fault != 0) return fault;
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

/// What there was when the file was opened. Files of /proc, pipes and devices do not say.
std::size_t wanted_bytes(const struct stat& found, std::size_t max_bytes) {
  if (!S_ISREG(found.st_mode) || found.st_size <= 0) return max_bytes;
  return std::min(max_bytes, static_cast<std::size_t>(found.st_size));
}

template <class Check>
Result<std::string> read_checked(const std::filesystem::path& path, std::size_t max_bytes,
                                 const Check& check) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return fail_errno(errno, {});
  struct stat found{};
  Result<> done;
  if (::fstat(descriptor, &found) != 0) {
    done = fail_errno(errno, {});
  } else {
    done = check(found);
  }
  std::string text;
  if (done) {
    int fault = 0;
    text.resize_and_overwrite(wanted_bytes(found, max_bytes), [&](char* bytes, std::size_t size) {
      std::size_t length = 0;
      fault = read_whole(descriptor, bytes, size, length);
      return length;
    });
    if (fault != 0) done = fail_errno(fault, {});
  }
  ::close(descriptor);
  if (!done) return std::unexpected(std::move(done).error());
  return text;
}

}  // namespace

Result<> check_trusted_file(int descriptor, std::string_view path) {
  struct stat found{};
  if (::fstat(descriptor, &found) != 0) return fail_errno(errno, {});
  return check_file(found, path);
}

Result<> check_trusted_file(const std::filesystem::path& path) {
  struct stat found{};
  if (::stat(path.c_str(), &found) != 0) return fail_errno(errno, {});
  return check_file(found, path.native());
}

Result<> check_trusted_directory(const std::filesystem::path& path) {
  const auto named = std::filesystem::absolute(path).lexically_normal();
  bool link = false;
  if (auto checked = check_entry(named, link); !checked || !link) return checked;
  std::error_code broken;
  const auto target = std::filesystem::canonical(named, broken);
  if (broken) return fail(broken, "cannot look at the directory " + named.native());
  return check_entry(target, link);
}

Result<std::string> read_trusted_file(const std::filesystem::path& path, std::size_t max_bytes) {
  return read_checked(path, max_bytes,
                      [&path](const struct stat& found) { return check_file(found, path.native()); });
}

Result<std::string> read_trusted_regular_file(const std::filesystem::path& path, std::size_t max_bytes) {
  auto text = read_checked(path, max_bytes, [&path](const struct stat& found) -> Result<> {
    if (!S_ISREG(found.st_mode)) return refuse_kind(kind_of(found.st_mode));
    return check_file(found, path.native());
  });
  if (!text && text.error().code == std::errc::no_such_device_or_address)
    return refuse_kind("a socket or a device without a driver");
  return text;
}

}  // namespace busrt::base
