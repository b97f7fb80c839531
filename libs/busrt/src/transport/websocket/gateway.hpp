// The broker's WebSocket side: one thread that accepts, upgrades, and carries bytes between WebSockets and
// in-process connections. The broker's own loop sees only the latter.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/log.hpp"
#include "transport/descriptor.hpp"
#include "transport/inproc.hpp"
#include "transport/stream.hpp"
#include "transport/tls/tls_channel.hpp"
#include "transport/websocket/bearer_token.hpp"

namespace busrt::transport {

/// What one listener asks of its clients.
struct WebSocketRules {
  std::string port{};                          ///< Peer::port of its clients
  std::shared_ptr<const BearerToken> token{};  ///< null: none is asked for
  std::set<std::string> origins{};             ///< of web pages that may connect, as normal_origin() has them
  std::shared_ptr<TlsServer> tls{};            ///< wss; null: ws
  TlsPeerRules peer{};                         ///< wss
  /// Called with the reason for each pause of accepting: no descriptor or no memory for a connection.
  std::function<void(std::string_view why)> paused{};
};

/// Why a connection came to no WebSocket.
enum class WebSocketRefusal : std::uint8_t { handshake, origin };

/// One connection's place in the broker, from accept until its socket is closed. Used on the gateway's
/// thread.
class WebSocketPlace {
 public:
  virtual ~WebSocketPlace() = default;
  /// Where memory that is held for the connection is charged.
  [[nodiscard]] virtual std::shared_ptr<MemoryMeter> meter() const = 0;
  /// `end` is called on any thread if the memory is needed before the connection is a session.
  virtual void on_eviction(std::function<void()> end) = 0;
  /// The connection was ended so.
  virtual void evicted() = 0;
  /// It was not upgraded: who, and why.
  virtual void refused(WebSocketRefusal reason, const std::string& line) = 0;
  /// It is upgraded. False: nobody takes it, it is closed.
  [[nodiscard]] virtual bool attach(std::shared_ptr<InprocConnection> pipes, Peer peer) = 0;
  /// What the broker wrote, in order: bytes that the system has taken for the client, and those that it will
  /// not.
  virtual void sent(std::span<const std::byte> bytes) = 0;
  virtual void lost(std::span<const std::byte> bytes) = 0;
};

/// Thread-safe.
class WebSocketGateway {
 public:
  /// Called on the gateway's thread for each connection that is accepted. Null: it is closed at once.
  using Admit = std::function<std::unique_ptr<WebSocketPlace>(const Peer& peer, bool secure)>;

  virtual ~WebSocketGateway() = default;
  /// Takes listening, non-blocking sockets. Errors are the system's reason.
  [[nodiscard]] virtual Result<> listen(std::vector<Descriptor> sockets, WebSocketRules rules) = 0;
  /// Accepts no more.
  virtual void stop_listening() = 0;
  /// Once the broker has closed its ends: sends what is left, at most until the deadline, and ends the
  /// thread. Idempotent.
  virtual void finish(std::chrono::steady_clock::time_point deadline) = 0;
};

/// `handshake_limit`: the time from accepting a connection to the end of its upgrade. `log` limits the lines
/// that a system without room causes.
[[nodiscard]] std::unique_ptr<WebSocketGateway> make_websocket_gateway(
    WebSocketGateway::Admit admit, std::chrono::milliseconds handshake_limit, base::LogSink log);

}  // namespace busrt::transport
