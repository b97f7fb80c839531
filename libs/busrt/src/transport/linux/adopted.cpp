#include "transport/adopted.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "transport/linux/socket_listener.hpp"
#include "transport/linux/socket_stream.hpp"

namespace busrt::transport {

namespace {

/// Where systemd's descriptors begin.
constexpr int first_passed = 3;

std::string name_of(int descriptor) {
  return "descriptor " + std::to_string(descriptor);
}

Result<int> socket_option(int descriptor, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  if (::getsockopt(descriptor, SOL_SOCKET, option, &value, &length) != 0) {
    return base::fail_errno(errno, "cannot use " + name_of(descriptor));
  }
  return value;
}

Result<> make_ours(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
    return base::fail_errno(errno, "cannot use " + name_of(descriptor));
  }
  return {};
}

/// What a listener's own address is called: its path or IP:PORT.
std::string address_text(const sockaddr_storage& address) {
  if (address.ss_family != AF_UNIX) return to_text(address);
  const auto& local = reinterpret_cast<const sockaddr_un&>(address);
  return local.sun_path[0] == '\0' ? "@" + std::string(local.sun_path + 1) : std::string(local.sun_path);
}

Result<Adopted> adopt_listener(int descriptor, Reach reach) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return base::fail_errno(errno, "cannot use " + name_of(descriptor));
  }
  const bool local = address.ss_family == AF_UNIX;
  const std::string name = address_text(address);
  if (!local && reach == Reach::loopback && !is_loopback(address)) {
    return fail(errc::access,
                name_of(descriptor) + " listens on " + name +
                    ": a listener without TLS is bound to loopback only, unless insecure TCP is "
                    "allowed (--insecure-tcp)");
  }
  if (auto ours = make_ours(descriptor); !ours) return std::unexpected(std::move(ours).error());
  Adopted adopted;
  adopted.listener = std::make_unique<SocketListener>(descriptor, name, local ? unix_peer : tcp_peer);
  return adopted;
}

std::optional<int> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits(text);
  int number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<Adopted> adopt_descriptor(int descriptor, Reach reach) {
  const auto type = socket_option(descriptor, SO_TYPE);
  if (!type) return std::unexpected(type.error());
  auto peer = peer_of(descriptor, name_of(descriptor));
  if (!peer) return std::unexpected(std::move(peer).error());
  if (*type != SOCK_STREAM) return fail(errc::not_supported, name_of(descriptor) + " is no stream socket");
  const auto listens = socket_option(descriptor, SO_ACCEPTCONN);
  if (!listens) return std::unexpected(listens.error());
  if (*listens != 0) return adopt_listener(descriptor, reach);
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return base::fail_errno(errno, name_of(descriptor) + " neither listens nor is connected");
  }
  if (auto ours = make_ours(descriptor); !ours) return std::unexpected(std::move(ours).error());
  Adopted adopted;
  adopted.connection = make_socket_stream(descriptor, *std::move(peer));
  return adopted;
}

Result<std::vector<int>> systemd_descriptors(const std::string& name) {
  const std::string what = "no sockets from systemd: ";
  const auto count = number_in("LISTEN_FDS");
  if (!count || *count <= 0) return fail(errc::not_supported, what + "LISTEN_FDS is not set");
  if (number_in("LISTEN_PID") != ::getpid()) {
    return fail(errc::not_supported, what + "LISTEN_PID names another process");
  }
  const char* listed = std::getenv("LISTEN_FDNAMES");
  std::string_view names = listed != nullptr ? listed : "";
  std::vector<int> found;
  for (int i = 0; i < *count; ++i) {
    const auto colon = names.find(':');
    if (name.empty() || names.substr(0, colon) == name) found.push_back(first_passed + i);
    names.remove_prefix(colon == std::string_view::npos ? names.size() : colon + 1);
  }
  if (found.empty()) return fail(errc::not_supported, what + "none has the name '" + name + "'");
  return found;
}

}  // namespace busrt::transport
