// The listeners of a broker that are open, the WebSocket gateway among them. Listeners run on the first
// shard's loop; the gateway has a thread of its own.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "broker/acceptor.hpp"
#include "broker/core.hpp"
#include "broker/listening.hpp"
#include "busrt/error.hpp"
#include "transport/listener.hpp"
#include "transport/websocket/gateway.hpp"

namespace busrt::broker {

/// Used by one thread at a time, never by a shard's.
class Listeners {
 public:
  Listeners(Core& core, std::shared_ptr<Acceptor> acceptor) noexcept
      : core_(core), acceptor_(std::move(acceptor)) {}

  /// Opens what is bound. If that fails, closes what it has opened, and leaves in `bound` the listeners that
  /// it could not open. Errors name `where` and the reason.
  Result<> open(Result<Bound>& bound, const std::string& where);
  /// Stops accepting.
  void close();
  /// Ends them when the shards have ended. Waits for WebSockets until the deadline.
  void finish(std::chrono::steady_clock::time_point deadline);

 private:
  Result<> open_websockets(Bound& bound, const std::string& where);
  Result<> open(std::unique_ptr<transport::Listener>& bound, const Acceptor::Layer& layer,
                const std::string& where);
  void close_from(std::size_t first);

  Core& core_;
  const std::shared_ptr<Acceptor> acceptor_;
  std::vector<std::unique_ptr<transport::Listener>> listeners_;
  std::unique_ptr<transport::WebSocketGateway> gateway_;  // null until the first WebSocket listener
};

}  // namespace busrt::broker
