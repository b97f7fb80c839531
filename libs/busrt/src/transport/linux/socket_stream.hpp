// Sockets that are connected already, as streams of the loop.
#pragma once

#include <memory>

#include "transport/stream.hpp"

namespace busrt::transport {

/// Takes ownership of a connected, non-blocking stream socket.
[[nodiscard]] std::unique_ptr<Stream> make_socket_stream(int descriptor, Peer peer);

}  // namespace busrt::transport
