#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "transport/ipc_target.hpp"
#include "transport/linux/path_lock.hpp"
#include "transport/linux/socket_listener.hpp"

namespace busrt::transport {

namespace {

constexpr mode_t socket_mode = 0600;
constexpr std::filesystem::perms directory_mode = std::filesystem::perms::owner_all;

Result<sockaddr_un> socket_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.empty() || text.size() >= sizeof address.sun_path) {
    return fail(errc::bad_address, "unix socket path " + text + " has " + std::to_string(text.size()) +
                                       " bytes; the system takes 1 to " +
                                       std::to_string(sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

/// Removes a socket file that no process answers on. errc::busy when one does: a broker that takes no lock.
Result<> clear_stale_socket(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat found{};
  if (::lstat(path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) {
    // Not errc::busy: nothing ends that would free the path.
    return base::fail_errno(EEXIST, "cannot bind " + path.native() + ": what is there is not a socket");
  }
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return base::fail_errno(errno, "cannot probe " + path.native());
  const bool answered = ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ||
                        errno == EAGAIN || errno == EINPROGRESS;
  const int reason = errno;
  ::close(probe);
  if (answered) return fail(errc::busy, "cannot bind " + path.native() + ": another process listens on it");
  if (reason != ECONNREFUSED && reason != ENOENT) {
    return base::fail_errno(reason, "cannot tell whether " + path.native() + " is in use");
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return base::fail_errno(errno, "cannot remove the stale socket " + path.native());
  }
  return {};
}

Result<> make_directory(const std::filesystem::path& path) {
  const auto directory = path.parent_path();
  std::error_code error;
  if (directory.empty() || std::filesystem::exists(directory, error)) return {};
  if (directory.has_parent_path()) std::filesystem::create_directories(directory.parent_path(), error);
  // mkdir with the mode, not a chmod after it: the directory must never be open to others.
  if (::mkdir(directory.c_str(), static_cast<mode_t>(directory_mode)) != 0 && errno != EEXIST) {
    return base::fail_errno(errno, "cannot make the directory " + directory.native());
  }
  return {};
}

/// Removes its file at its end, if it is still its own, and gives the path up.
class UnixListener final : public SocketListener {
 public:
  UnixListener(int descriptor, const std::string& name, PathLock lock)
      : SocketListener(descriptor, name, unix_peer), lock_(std::move(lock)) {}
  ~UnixListener() override { UnixListener::close(); }

  Result<> bind(const std::filesystem::path& path, const sockaddr_un& address);
  void close() override {
    close_socket();
    struct stat found{};
    if (!path_.empty() && ::lstat(path_.c_str(), &found) == 0 && found.st_ino == inode_)
      ::unlink(path_.c_str());
    path_.clear();
    lock_.release();
  }

 private:
  PathLock lock_;
  std::filesystem::path path_;
  ino_t inode_ = 0;
};

Result<> UnixListener::bind(const std::filesystem::path& path, const sockaddr_un& address) {
  // On Linux the file takes the mode of the unbound socket, so it is never open to others, whatever the
  // umask.
  ::fchmod(descriptor(), socket_mode);
  if (::bind(descriptor(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return base::fail_errno(errno, "cannot bind " + path.native());
  }
  path_ = path;
  struct stat made{};
  // Known first, so that the file goes again if what follows fails.
  if (::stat(path.c_str(), &made) == 0) inode_ = made.st_ino;
  if (inode_ == 0 || ::chmod(path.c_str(), socket_mode) != 0) {
    return base::fail_errno(errno, "cannot set the mode of " + path.native());
  }
  if (::listen(descriptor(), listen_backlog) != 0)
    return base::fail_errno(errno, "cannot listen on " + path.native());
  return {};
}

}  // namespace

Result<std::unique_ptr<Listener>> bind_ipc(const std::string& target,
                                           const std::filesystem::path& runtime_directory) {
  const std::filesystem::path path(target);
  const auto address = socket_address(path);
  if (!address) return std::unexpected(address.error());
  if (auto made = make_directory(path); !made) return std::unexpected(made.error());
  if (auto trusted = check_runtime_directory(target, runtime_directory); !trusted) {
    return fail(errc::access, "cannot bind " + target + ": " + trusted.error().message);
  }
  // From here to listen() no other broker looks whether the socket is in use, or removes it.
  auto lock = PathLock::take(path);
  if (!lock) return std::unexpected(std::move(lock).error());
  if (auto cleared = clear_stale_socket(path, *address); !cleared) return std::unexpected(cleared.error());

  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return base::fail_errno(errno, "cannot create a unix socket for " + path.native());
  auto listener = std::make_unique<UnixListener>(descriptor, path.native(), *std::move(lock));
  if (auto bound = listener->bind(path, *address); !bound) return std::unexpected(bound.error());
  return listener;
}

}  // namespace busrt::transport
