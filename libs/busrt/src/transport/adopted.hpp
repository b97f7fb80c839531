// Sockets that somebody else has opened: systemd, a parent process, or the program around the library.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "transport/listener.hpp"
#include "transport/tcp_socket.hpp"

namespace busrt::transport {

/// Either a listener or a connection, whichever the descriptor is.
struct Adopted {
  std::unique_ptr<Listener> listener;
  std::unique_ptr<Stream> connection;
};

/// A unix or TCP stream socket, taken over: it becomes non-blocking and closes on exec. On an error, which
/// names the descriptor, it stays the caller's. errc::access for a TCP listener that Reach::loopback does not
/// allow.
[[nodiscard]] Result<Adopted> adopt_descriptor(int descriptor, Reach reach);

/// The descriptors that systemd has passed to this process (LISTEN_FDS), or those of one name
/// (LISTEN_FDNAMES, FileDescriptorName= in the unit). errc::not_supported, with the reason, when there are
/// none.
[[nodiscard]] Result<std::vector<int>> systemd_descriptors(const std::string& name);

}  // namespace busrt::transport
