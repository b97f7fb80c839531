#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "transport/linux/socket_listener.hpp"
#include "transport/tcp_socket.hpp"

namespace busrt::transport {

std::string host_and_port(const std::string& host, unsigned port) {
  const bool brackets = host.contains(':');
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

namespace {

/// A numeric address, which no name server is asked for.
Result<sockaddr_storage> socket_address(const std::string& numeric, unsigned port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(numeric.c_str(), std::to_string(port).c_str(), &hints, &found);
      error != 0) {
    return fail(errc::bad_address,
                "cannot bind " + host_and_port(numeric, port) + ": " + ::gai_strerror(error));
  }
  sockaddr_storage address{};
  std::memcpy(&address, found->ai_addr, found->ai_addrlen);
  ::freeaddrinfo(found);
  return address;
}

Result<Descriptor> bind_one(const sockaddr_storage& address) {
  const std::string name = to_text(address);
  Descriptor made(::socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int descriptor = made.get();
  if (descriptor < 0) return base::fail_errno(errno, "cannot bind " + name);
  const int on = 1;
  // Connections of an earlier run that linger must not keep the broker from starting again.
  ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // Both families of a name are bound, each by a socket of its own.
  if (address.ss_family == AF_INET6) ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  const socklen_t length = address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), length) != 0 ||
      ::listen(descriptor, listen_backlog) != 0) {
    return base::fail_errno(errno, "cannot bind " + name);
  }
  return made;
}

bool family_is_missing(const std::error_code& code) {
  return code == std::errc::address_not_available || code == std::errc::address_family_not_supported;
}

}  // namespace

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24U == 127;
  }
  if (address.ss_family != AF_INET6) return false;
  const in6_addr& six = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&six) || (IN6_IS_ADDR_V4MAPPED(&six) && six.s6_addr[12] == 127);
}

Result<std::vector<Descriptor>> bind_tcp_sockets(const HostAddresses& addresses, unsigned port, Reach reach) {
  std::vector<Descriptor> sockets;
  Error last(errc::bad_address, "cannot bind port " + std::to_string(port) + ": the host has no address");
  for (const std::string& each : addresses) {
    const auto known = socket_address(each, port);
    if (!known) return std::unexpected(known.error());
    const sockaddr_storage& address = *known;
    if (reach == Reach::loopback && !is_loopback(address)) {
      return fail(errc::access, "cannot bind " + to_text(address) +
                                    ": a listener without TLS is bound to loopback only, unless insecure TCP "
                                    "is allowed (--insecure-tcp)");
    }
    auto bound = bind_one(address);
    if (bound) {
      sockets.push_back(*std::move(bound));
    } else if (family_is_missing(bound.error().code)) {
      last = bound.error();
    } else {
      return std::unexpected(bound.error());
    }
  }
  if (sockets.empty()) return std::unexpected(last);
  return sockets;
}

Result<std::vector<std::unique_ptr<Listener>>> bind_tcp(const HostAddresses& addresses,
                                                        const std::string& host, unsigned port, Reach reach) {
  auto sockets = bind_tcp_sockets(addresses, port, reach);
  if (!sockets) return std::unexpected(std::move(sockets).error());
  std::vector<std::unique_ptr<Listener>> listeners;
  for (Descriptor& socket : *sockets) {
    listeners.push_back(
        std::make_unique<SocketListener>(socket.release(), host_and_port(host, port), tcp_peer));
  }
  return listeners;
}

}  // namespace busrt::transport
