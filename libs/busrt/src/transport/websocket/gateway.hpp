// The broker's WebSocket side: one thread that accepts, upgrades, and carries bytes between WebSockets and
// in-process connections. The broker's own loop sees only the latter.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "transport/inproc.hpp"
#include "transport/stream.hpp"
#include "transport/tls/tls_channel.hpp"

namespace busrt::transport {

/// What one listener asks of its clients.
struct WebSocketRules {
  std::string port{};                ///< Peer::port of its clients
  std::string token{};               ///< the bearer token; empty: none is asked for
  std::shared_ptr<TlsServer> tls{};  ///< wss; null: ws
  TlsPeerRules peer{};               ///< wss
};

/// Thread-safe.
class WebSocketGateway {
 public:
  /// Called on the gateway's thread for each upgraded connection. False: nobody takes it, it is closed.
  using Accept = std::function<bool(std::shared_ptr<InprocConnection>, Peer)>;

  /// Told of each connection that was not upgraded: who, and why. On the gateway's thread.
  using Refused = std::function<void(const std::string& line)>;

  virtual ~WebSocketGateway() = default;
  /// Takes listening, non-blocking sockets.
  [[nodiscard]] virtual Result<> listen(std::vector<int> descriptors, WebSocketRules rules) = 0;
  /// Accepts no more.
  virtual void stop_listening() = 0;
  /// Once the broker has closed its ends: sends what is left, at most until the deadline, and ends the
  /// thread. Idempotent.
  virtual void finish(std::chrono::steady_clock::time_point deadline) = 0;
};

/// `handshake_limit`: the time from accepting a connection to the end of its upgrade.
[[nodiscard]] std::unique_ptr<WebSocketGateway> make_websocket_gateway(
    WebSocketGateway::Accept accept, WebSocketGateway::Refused refused,
    std::chrono::milliseconds handshake_limit, base::LogSink log);

}  // namespace busrt::transport
