// The blocking client, for programs without an event loop. It runs a Client on a thread of its own.
//
//   busrt::BlockingClient client({.name = "app", .address = "/run/app/bus.sock"});
//   if (auto up = client.connect(); !up) return 1;
//   client.publish("news/today", busrt::as_bytes("hello"));
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "busrt/client.hpp"
#include "busrt/export.hpp"
#include "busrt/rpc.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// A client whose calls block until the operation completes, at most until its deadline (SendOptions).
///
/// Publish, send and broadcast without ack go straight into the outgoing buffer. If SendOptions has no
/// timeout, they wait for room for at most ClientConfig::timeout, then fail with errc::not_sent.
///
/// Thread safety: any thread.
class BlockingClient {
 public:
  /// Makes the client and starts its thread. connect() connects it.
  explicit BlockingClient(ClientConfig config);
  /// Closes the connection without a drain. Call disconnect() first if accepted frames must leave.
  ~BlockingClient();
  BlockingClient(BlockingClient&&) noexcept;             ///< leaves the other object empty
  BlockingClient& operator=(BlockingClient&&) noexcept;  ///< leaves the other object empty

  /// Connects. Errors: as Client::connect.
  [[nodiscard]] Result<> connect();
  /// Drains and closes: takes no new operations, and waits for at most `drain` until the accepted ones are
  /// acknowledged. Errors: as Client::disconnect.
  Result<> disconnect(std::chrono::milliseconds drain = limits::drain_timeout);
  /// Returns true if the client is registered with a broker now.
  [[nodiscard]] bool connected() const;
  /// Returns the state of the connection, and how the last one ended.
  [[nodiscard]] ConnectionStatus status() const;
  /// Returns a snapshot of the client's counters.
  [[nodiscard]] ClientStats stats() const;
  /// Sets a handler for changes of the status; see Client::on_state. The handler runs on the client's own
  /// thread and must not block on this client.
  void on_state(std::function<void(const ConnectionStatus&)> handler);
  /// Waits for a status whose version differs from `seen`, and returns it. Errors: errc::timeout;
  /// errc::closed if no change can follow.
  [[nodiscard]] Result<ConnectionStatus> wait_state_change(std::uint64_t seen,
                                                           std::chrono::milliseconds timeout);
  /// Waits until the client is connected. Errors: errc::timeout; errc::not_connected if no attempt is under
  /// way or scheduled; errc::closed.
  [[nodiscard]] Result<> wait_connected(std::chrono::milliseconds timeout);

  /// Publishes to a topic. Errors: as Client::publish.
  Result<> publish(std::string_view topic, std::span<const std::byte> payload,
                   const SendOptions& options = {});
  /// Publishes to those subscribers whose primary name is `receiver`. Errors: as Client::publish_for.
  Result<> publish_for(std::string_view topic, std::string_view receiver, std::span<const std::byte> payload,
                       const SendOptions& options = {});
  /// Sends a message to one client. Errors: as Client::send.
  Result<> send(std::string_view target, std::span<const std::byte> payload, const SendOptions& options = {});
  /// Sends to every client whose name matches the mask. Errors: as Client::broadcast.
  Result<> broadcast(std::string_view mask, std::span<const std::byte> payload,
                     const SendOptions& options = {});
  /// Subscribes to patterns. The client restores them after a reconnect. Errors: as Client::subscribe.
  Result<> subscribe(const Patterns& patterns);
  /// Removes subscriptions. Errors: as Client::unsubscribe.
  Result<> unsubscribe(const Patterns& patterns);
  /// Adds exclusions. Errors: as Client::exclude.
  Result<> exclude(const Patterns& patterns);
  /// Removes exclusions. Errors: as Client::unexclude.
  Result<> unexclude(const Patterns& patterns);

  /// Waits for the next frame and returns it. Errors: errc::timeout; otherwise as Client::receive.
  [[nodiscard]] Result<Frame> receive(std::chrono::milliseconds timeout);

  /// Returns the Client inside, for its asynchronous operations.
  [[nodiscard]] Client& async() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// A blocking RPC client. Handlers, if any, run on the client's own thread. Thread safety: any thread.
class BlockingRpcClient {
 public:
  /// Makes the client and starts its thread. connect() connects it.
  explicit BlockingRpcClient(ClientConfig config, RpcConfig rpc = {});
  /// Ends pending calls with errc::closed.
  ~BlockingRpcClient();

  /// Returns the RpcClient inside. Use it to register handlers before connect().
  [[nodiscard]] RpcClient& async() noexcept;
  /// Connects. Errors: as Client::connect.
  [[nodiscard]] Result<> connect();
  /// Drains and closes; see BlockingClient::disconnect.
  Result<> disconnect(std::chrono::milliseconds drain = limits::drain_timeout);

  /// Calls `method` of the client `target` and waits for the reply. See RpcClient::call.
  [[nodiscard]] CallResult<RpcReply> call(std::string_view target, std::string_view method,
                                          std::span<const std::byte> params = {}, CallOptions options = {},
                                          std::chrono::milliseconds timeout = {});
  /// Calls a method without a reply and waits until the broker has queued the request. See RpcClient::call0.
  CallResult<void> call0(std::string_view target, std::string_view method,
                         std::span<const std::byte> params = {}, QoS qos = QoS::processed);
  /// Sends a notification. See RpcClient::notify.
  Result<> notify(std::string_view target, std::span<const std::byte> payload, QoS qos = QoS::processed);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace busrt
BUSRT_API_END
