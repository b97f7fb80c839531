// From a connection string to listeners.
#pragma once

#include <memory>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "broker/acceptor.hpp"
#include "broker/core.hpp"
#include "busrt/address.hpp"
#include "transport/listener.hpp"
#include "transport/name_lookup.hpp"
#include "transport/tcp_socket.hpp"
#include "transport/tls/tls_context.hpp"
#include "transport/websocket/gateway.hpp"

namespace busrt::broker {

/// Listeners that are bound and wait to be opened, and what goes over each stream that they accept; streams
/// that are connected already; and listening sockets for the WebSocket gateway.
struct Bound {
  std::vector<std::unique_ptr<transport::Listener>> listeners;
  Acceptor::Layer layer;
  std::vector<std::unique_ptr<transport::Stream>> connections;
  std::vector<transport::Descriptor> websockets;
  transport::WebSocketRules websocket_rules;
};

/// Knows the transports and holds the certificates that they share.
class ListenerFactory {
 public:
  explicit ListenerFactory(Core& core)
      : core_(core),
        config_(core.config),
        tls_(std::make_shared<transport::TlsServer>(core.config.tls)),
        token_(core.config.token ? std::make_shared<transport::BearerToken>(*core.config.token) : nullptr) {}

  /// The numeric addresses of its host, of an address that has one; else none. Returns within the broker's
  /// timeout, and at once when `stop` is requested. Errors name the address and the reason. Thread-safe.
  [[nodiscard]] Result<transport::HostAddresses> resolve(const Address& address,
                                                         const std::stop_token& stop) const;
  /// Binds what the address names, at the addresses that resolve() gave. Errors name the address and the
  /// reason.
  [[nodiscard]] Result<Bound> bind(const Address& address, const transport::HostAddresses& hosts);
  /// See Broker::adopt().
  [[nodiscard]] Result<Bound> adopt(int descriptor) const { return adopt(std::span(&descriptor, 1)); }
  /// See Broker::reload_certificates(). Thread-safe.
  [[nodiscard]] Result<> reload_certificates();
  /// Those of the certificates in use; null: none. Thread-safe.
  [[nodiscard]] std::shared_ptr<const transport::Revocations> revocations() const;
  /// See Broker::set_token(). Thread-safe.
  [[nodiscard]] Result<> set_token(std::string token);

 private:
  [[nodiscard]] Result<Bound> bind_fifo(const std::string& path) const;
  [[nodiscard]] Result<Bound> bind_tls(const Address& address, const transport::HostAddresses& hosts);
  [[nodiscard]] Result<Bound> bind_websocket(const Address& address, const transport::HostAddresses& hosts);
  [[nodiscard]] Result<Bound> adopt(std::span<const int> descriptors) const;
  [[nodiscard]] Result<> need_certificates(const std::string& where);
  [[nodiscard]] transport::Reach plain_reach() const noexcept;

  Core& core_;
  const BrokerConfig& config_;
  const std::shared_ptr<transport::TlsServer> tls_;
  const std::shared_ptr<transport::BearerToken> token_;  // null: none is asked for
  std::set<int> passed_;                                 // by systemd, and taken
};

}  // namespace busrt::broker
