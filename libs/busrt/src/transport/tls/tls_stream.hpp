// TLS over any other stream of the broker.
#pragma once

#include <memory>

#include "transport/stream.hpp"
#include "transport/tls/tls_channel.hpp"

namespace busrt::transport {

/// The server's side. The handshake runs when the stream is opened: until it is done the stream takes no
/// bytes and has none, and if it fails the stream becomes readable and read() fails.
[[nodiscard]] std::unique_ptr<Stream> make_tls_stream(std::unique_ptr<Stream> inner,
                                                      std::shared_ptr<const TlsContext> context,
                                                      const TlsPeerRules& rules);

}  // namespace busrt::transport
