#include "busrt/base/trusted_file.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace busrt::base {

namespace {

/// Milliseconds for a fifo or a device to give what it holds. It must not hang a reload, and `<(command)` of
/// a shell works.
constexpr int patience = 2000;

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
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0) return fail_errno(errno, {});
  std::string text;
  Result<> done = check_trusted_file(descriptor, path.native());
  if (done) text.resize(max_bytes);
  std::size_t length = 0;
  while (done && length < text.size()) {
    const auto got = ::read(descriptor, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      pollfd readable{descriptor, POLLIN, 0};
      if (::poll(&readable, 1, patience) > 0) continue;
      errno = ETIMEDOUT;
    }
    if (got < 0) done = fail_errno(errno, {});
    if (got <= 0) break;
    length += static_cast<std::size_t>(got);
  }
  ::close(descriptor);
  if (!done) return std::unexpected(std::move(done).error());
  text.resize(length);
  return text;
}

}  // namespace busrt::base
