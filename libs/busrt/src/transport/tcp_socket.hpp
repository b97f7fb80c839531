// TCP listeners.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "transport/descriptor.hpp"
#include "transport/listener.hpp"
#include "transport/name_lookup.hpp"

struct sockaddr_storage;  // NOLINT(readability-identifier-naming): the system's name

namespace busrt::transport {

/// Who may be let in by a listener that is neither encrypted nor authenticated.
enum class Reach : std::uint8_t { loopback, anywhere };

/// IP:PORT, an IPv6 address in brackets.
[[nodiscard]] std::string to_text(const sockaddr_storage& address);

/// True for addresses that only this host can reach.
[[nodiscard]] bool is_loopback(const sockaddr_storage& address);

/// A listening, non-blocking socket for each address that the host has; all of them or none, but a name may
/// have addresses of a family that this host lacks. errc::access for one that Reach::loopback does not allow;
/// other failures name the address and the system's reason.
[[nodiscard]] Result<std::vector<Descriptor>> bind_tcp_sockets(const HostAddresses& addresses, unsigned port,
                                                               Reach reach);
/// The same as listeners of the loop, which are named HOST:PORT in the log.
[[nodiscard]] Result<std::vector<std::unique_ptr<Listener>>> bind_tcp(const HostAddresses& addresses,
                                                                      const std::string& host, unsigned port,
                                                                      Reach reach);

/// HOST:PORT, an IPv6 address in brackets.
[[nodiscard]] std::string host_and_port(const std::string& host, unsigned port);

}  // namespace busrt::transport
