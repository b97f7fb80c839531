// The blocking face of the client, for programs without an event loop: the same code on a thread of its own.
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

/// Thread-safe. Every call blocks until the operation completes, at most until its deadline (SendOptions).
class BlockingClient {
 public:
  /// Makes the client and its thread. connect() connects it.
  explicit BlockingClient(ClientConfig config);
  /// Closes the connection without a drain: disconnect() first where accepted frames must leave.
  ~BlockingClient();
  BlockingClient(BlockingClient&&) noexcept;             ///< leaves the other without a client
  BlockingClient& operator=(BlockingClient&&) noexcept;  ///< the same

  /// Connects. Errors: as Client::connect.
  [[nodiscard]] Result<> connect();
  /// Takes nothing new, waits until what was accepted has left and is acknowledged, at most `drain`, and
  /// closes. Errors: errc::timeout when the drain ran out.
  Result<> disconnect(std::chrono::milliseconds drain = limits::drain_timeout);
  /// Tells whether there is a connection now.
  [[nodiscard]] bool connected() const;
  /// The state of the connection, and how the last one ended.
  [[nodiscard]] ConnectionStatus status() const;
  /// The client's numbers since it was made.
  [[nodiscard]] ClientStats stats() const;
  /// See Client::on_state; the handler runs on the client's own thread and must not block on this client.
  void on_state(std::function<void(const ConnectionStatus&)> handler);
  /// The status as soon as its version is not `seen`, or errc::timeout.
  [[nodiscard]] Result<ConnectionStatus> wait_state_change(std::uint64_t seen,
                                                           std::chrono::milliseconds timeout);
  /// Blocks until the client is connected. errc::timeout; errc::not_connected when nothing is done about it.
  [[nodiscard]] Result<> wait_connected(std::chrono::milliseconds timeout);

  /// Publishes on a topic. Errors: as Client's operation.
  Result<> publish(std::string_view topic, std::span<const std::byte> payload,
                   const SendOptions& options = {});
  /// Publishes on a topic for the subscribers of one primary name alone. Errors: as Client's operation.
  Result<> publish_for(std::string_view topic, std::string_view receiver, std::span<const std::byte> payload,
                       const SendOptions& options = {});
  /// Sends a message to one client. Error besides: errc::not_registered. Errors: as Client's operation.
  Result<> send(std::string_view target, std::span<const std::byte> payload, const SendOptions& options = {});
  /// Sends to every client whose name matches the mask. Errors: as Client's operation.
  Result<> broadcast(std::string_view mask, std::span<const std::byte> payload,
                     const SendOptions& options = {});
  /// Subscribes to patterns; an acknowledged subscription is restored after a reconnect. Errors: as Client's
  /// operation.
  Result<> subscribe(const Patterns& patterns);
  /// Takes subscriptions back. Errors: as Client's operation.
  Result<> unsubscribe(const Patterns& patterns);
  /// Excludes topics from what the subscriptions bring. Errors: as Client's operation.
  Result<> exclude(const Patterns& patterns);
  /// Takes exclusions back. Errors: as Client's operation.
  Result<> unexclude(const Patterns& patterns);

  /// The next frame, or errc::timeout.
  [[nodiscard]] Result<Frame> receive(std::chrono::milliseconds timeout);

  /// The client behind this one, for its asynchronous operations.
  [[nodiscard]] Client& async() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Blocking calls; handlers, if any, run on the client's own thread.
class BlockingRpcClient {
 public:
  /// Makes the client and its thread. connect() connects it.
  explicit BlockingRpcClient(ClientConfig config, RpcConfig rpc = {});
  /// Ends pending calls with errc::closed.
  ~BlockingRpcClient();

  /// For registering handlers before connect().
  [[nodiscard]] RpcClient& async() noexcept;
  /// Connects. Errors: as Client::connect.
  [[nodiscard]] Result<> connect();
  /// See BlockingClient::disconnect.
  Result<> disconnect(std::chrono::milliseconds drain = limits::drain_timeout);

  /// Calls `method` of the client `target` and waits for the reply. See RpcClient::call.
  [[nodiscard]] CallResult<RpcReply> call(std::string_view target, std::string_view method,
                                          std::span<const std::byte> params = {}, CallOptions options = {},
                                          std::chrono::milliseconds timeout = {});
  /// A call without reply: waits until the broker has queued it. See RpcClient::call0.
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
