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
  explicit BlockingClient(ClientConfig config);
  ~BlockingClient();
  BlockingClient(BlockingClient&&) noexcept;
  BlockingClient& operator=(BlockingClient&&) noexcept;

  [[nodiscard]] Result<> connect();
  Result<> disconnect(std::chrono::milliseconds drain = limits::drain_timeout);
  [[nodiscard]] bool connected() const;
  [[nodiscard]] ConnectionStatus status() const;
  [[nodiscard]] ClientStats stats() const;
  /// See Client::on_state; the handler runs on the client's own thread and must not block on this client.
  void on_state(std::function<void(const ConnectionStatus&)> handler);
  /// The status as soon as its version is not `seen`, or errc::timeout.
  [[nodiscard]] Result<ConnectionStatus> wait_state_change(std::uint64_t seen,
                                                           std::chrono::milliseconds timeout);
  /// Blocks until the client is connected. errc::timeout; errc::not_connected when nothing is done about it.
  [[nodiscard]] Result<> wait_connected(std::chrono::milliseconds timeout);

  Result<> publish(std::string_view topic, std::span<const std::byte> payload,
                   const SendOptions& options = {});
  Result<> publish_for(std::string_view topic, std::string_view receiver, std::span<const std::byte> payload,
                       const SendOptions& options = {});
  Result<> send(std::string_view target, std::span<const std::byte> payload, const SendOptions& options = {});
  Result<> broadcast(std::string_view mask, std::span<const std::byte> payload,
                     const SendOptions& options = {});
  Result<> subscribe(const Patterns& patterns);
  Result<> unsubscribe(const Patterns& patterns);
  Result<> exclude(const Patterns& patterns);
  Result<> unexclude(const Patterns& patterns);

  /// The next frame, or errc::timeout.
  [[nodiscard]] Result<Frame> receive(std::chrono::milliseconds timeout);

  [[nodiscard]] Client& async() noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Blocking calls; handlers, if any, run on the client's own thread.
class BlockingRpcClient {
 public:
  explicit BlockingRpcClient(ClientConfig config, RpcConfig rpc = {});
  ~BlockingRpcClient();

  /// For registering handlers before connect().
  [[nodiscard]] RpcClient& async() noexcept;
  [[nodiscard]] Result<> connect();
  Result<> disconnect(std::chrono::milliseconds drain = limits::drain_timeout);

  [[nodiscard]] CallResult<RpcReply> call(std::string_view target, std::string_view method,
                                          std::span<const std::byte> params = {}, CallOptions options = {},
                                          std::chrono::milliseconds timeout = {});
  CallResult<void> call0(std::string_view target, std::string_view method,
                         std::span<const std::byte> params = {}, QoS qos = QoS::processed);
  Result<> notify(std::string_view target, std::span<const std::byte> payload, QoS qos = QoS::processed);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace busrt
BUSRT_API_END
