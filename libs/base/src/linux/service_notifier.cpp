#include "busrt/base/service_notifier.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace busrt::base {

namespace {

/// For a service manager that does not read: the service goes on without it.
constexpr timeval send_limit{.tv_sec = 1, .tv_usec = 0};

/// What `Type=notify-reload` compares with the time at which it asked for the reload.
std::uint64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000U +
         static_cast<std::uint64_t>(now.tv_nsec) / 1000U;
}

}  // namespace

ServiceNotifier::ServiceNotifier() {
  if (const char* socket = std::getenv("NOTIFY_SOCKET"); socket != nullptr) socket_ = socket;
  ::unsetenv("NOTIFY_SOCKET");
}

Result<> ServiceNotifier::ready() const {
  return send("READY=1");
}

Result<> ServiceNotifier::reloading() const {
  return send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds()));
}

Result<> ServiceNotifier::stopping() const {
  return send("STOPPING=1");
}

Result<> ServiceNotifier::send(const std::string& message) const {
  if (forward_) return forward_(message);
  if (socket_.empty()) return {};
  const std::string what = "NOTIFY_SOCKET " + socket_;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const bool fits = socket_.size() > 1 && socket_.size() < sizeof(address.sun_path);
  if (!fits || (socket_.front() != '/' && socket_.front() != '@')) return fail_errno(EAFNOSUPPORT, what);
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // The name of an abstract socket begins with a zero byte, and ends by its length.
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());

  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return fail_errno(errno, what);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &send_limit, sizeof send_limit);
  ssize_t sent = 0;
  do {
    sent = ::sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL,
                    reinterpret_cast<const sockaddr*>(&address), length);
  } while (sent < 0 && errno == EINTR);
  const int error = errno;
  ::close(descriptor);
  if (sent < 0) return fail_errno(error, what);
  return {};
}

}  // namespace busrt::base
