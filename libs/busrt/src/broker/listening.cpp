#include "broker/listening.hpp"

#include <charconv>
#include <utility>

#include "access/decide.hpp"
#include "broker/access_identity.hpp"
#include "broker/fifo_input.hpp"
#include "broker/security.hpp"
#include "transport/adopted.hpp"
#include "transport/fifo.hpp"
#include "transport/tls/tls_stream.hpp"

namespace busrt::broker {

namespace {

using transport::Reach;
using ClientCertificate = transport::TlsPeerRules::ClientCertificate;

Result<Bound> single(Result<std::unique_ptr<transport::Listener>> listener) {
  if (!listener) return std::unexpected(std::move(listener).error());
  Bound bound;
  bound.listeners.push_back(*std::move(listener));
  return bound;
}

Result<Bound> several(Result<std::vector<std::unique_ptr<transport::Listener>>> listeners) {
  if (!listeners) return std::unexpected(std::move(listeners).error());
  Bound bound;
  bound.listeners = *std::move(listeners);
  return bound;
}

int number(const std::string& digits) {
  int value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

}  // namespace

Reach ListenerFactory::plain_reach() const noexcept {
  return config_.insecure_tcp ? Reach::anywhere : Reach::loopback;
}

Result<transport::HostAddresses> ListenerFactory::resolve(const Address& address,
                                                          const std::stop_token& stop) const {
  switch (address.scheme) {
    case Address::Scheme::plain_tcp:
    case Address::Scheme::tls_tcp:
    case Address::Scheme::websocket:
    case Address::Scheme::secure_websocket:
      break;
    default:
      return transport::HostAddresses{};
  }
  auto found = transport::look_up(address.target, transport::NameUse::bind, config_.timeout, stop);
  if (found) return found;
  return fail(found.error().code, "cannot bind " + transport::host_and_port(address.target, address.port) +
                                      ": " + found.error().message);
}

Result<Bound> ListenerFactory::bind(const Address& address, const transport::HostAddresses& hosts) {
  if (const auto misuse = find_malformed(given_options(config_))) {
    return fail(errc::data, "BrokerConfig::" + std::string(to_string(misuse->option)) + " " + misuse->reason);
  }
  switch (address.scheme) {
    case Address::Scheme::unix_socket:
      return single(transport::bind_ipc(address.target, config_.runtime_directory));
    case Address::Scheme::plain_tcp:
      return several(transport::bind_tcp(hosts, address.target, address.port, plain_reach()));
    case Address::Scheme::tls_tcp:
      return bind_tls(address, hosts);
    case Address::Scheme::websocket:
    case Address::Scheme::secure_websocket:
      return bind_websocket(address, hosts);
    case Address::Scheme::descriptor:
      return adopt(number(address.target));
    case Address::Scheme::systemd: {
      auto passed = transport::systemd_descriptors(address.target);
      if (!passed) return std::unexpected(std::move(passed).error());
      // Another address may have taken some of them already.
      std::erase_if(*passed, [this](int each) { return !passed_.insert(each).second; });
      if (passed->empty()) return fail(errc::busy, "the sockets from systemd are in use already");
      return adopt(*passed);
    }
    case Address::Scheme::fifo:
      return bind_fifo(address.target);
    case Address::Scheme::inproc:
      break;
  }
  return fail(errc::not_supported, "a broker cannot listen on " + address.target);
}

Result<Bound> ListenerFactory::bind_fifo(const std::string& path) const {
  if (const auto rules = core_.access.get().rules) {
    transport::Peer peer;
    peer.speaks_as = broker_name;
    const AccessClient fifo = access_client(broker_name, peer);
    const AccessDecision decision = decide(*rules, fifo, AccessOperation::connect, {});
    if (!decision.allowed()) {
      return fail(errc::access, "cannot make the fifo " + path + ": its lines are sent in the name " +
                                    std::string(broker_name) + ", and " + decision.describe(*rules));
    }
  }
  auto fifo = transport::make_fifo(path, config_.fifo_mode, std::string(broker_name),
                                   std::make_unique<FifoInput>(core_, path));
  if (!fifo) return std::unexpected(std::move(fifo).error());
  Bound bound;
  bound.connections.push_back(*std::move(fifo));
  return bound;
}

Result<> ListenerFactory::need_certificates(const std::string& where) {
  if (tls_->current() != nullptr) return {};
  if (auto loaded = tls_->reload(); !loaded) {
    return fail(loaded.error().code, "cannot bind " + where + ": " + loaded.error().message);
  }
  return {};
}

Result<Bound> ListenerFactory::bind_tls(const Address& address, const transport::HostAddresses& hosts) {
  const std::string where = "tcp://" + transport::host_and_port(address.target, address.port);
  if (auto ready = need_certificates(where); !ready) return std::unexpected(std::move(ready).error());
  if (!tls_->current()->has_authority()) {
    return fail(errc::tls, "cannot bind " + where +
                               ": authority: mutual TLS needs one to check its clients' certificates by");
  }
  auto bound = several(transport::bind_tcp(hosts, address.target, address.port, Reach::anywhere));
  if (bound) {
    bound->layer = [tls = tls_](std::unique_ptr<transport::Stream> stream) {
      return transport::make_tls_stream(std::move(stream), tls->current(), {});
    };
  }
  return bound;
}

/// A client of wss:// proves itself by the token where there is one, else by a certificate where there is an
/// authority to check it by.
Result<Bound> ListenerFactory::bind_websocket(const Address& address, const transport::HostAddresses& hosts) {
  Bound bound;
  transport::WebSocketRules& rules = bound.websocket_rules;
  rules.port = transport::host_and_port(address.target, address.port);
  rules.token = token_;
  for (const std::string& origin : config_.websocket_origins)
    rules.origins.insert(normal_origin(origin).value());
  const bool secure = address.scheme == Address::Scheme::secure_websocket;
  if (secure) {
    if (auto ready = need_certificates("wss://" + rules.port); !ready)
      return std::unexpected(std::move(ready).error());
    rules.tls = tls_;
    const bool checked = tls_->current()->has_authority();
    rules.peer.client_certificate = !checked            ? ClientCertificate::none
                                    : token_ == nullptr ? ClientCertificate::required
                                                        : ClientCertificate::optional;
  }
  auto sockets = transport::bind_tcp_sockets(hosts, address.port, secure ? Reach::anywhere : plain_reach());
  if (!sockets) return std::unexpected(std::move(sockets).error());
  bound.websockets = *std::move(sockets);
  return bound;
}

Result<Bound> ListenerFactory::adopt(std::span<const int> descriptors) const {
  Bound bound;
  for (const int descriptor : descriptors) {
    auto adopted = transport::adopt_descriptor(descriptor, plain_reach());
    if (!adopted) return std::unexpected(std::move(adopted).error());
    if (adopted->listener) bound.listeners.push_back(std::move(adopted->listener));
    if (adopted->connection) bound.connections.push_back(std::move(adopted->connection));
  }
  return bound;
}

Result<> ListenerFactory::reload_certificates() {
  // Nothing is in use before the first listener has asked for it.
  if (tls_->current() == nullptr) return {};
  return tls_->reload();
}

std::shared_ptr<const transport::Revocations> ListenerFactory::revocations() const {
  const auto current = tls_->current();
  return current ? current->revocations() : nullptr;
}

Result<> ListenerFactory::set_token(std::string token) {
  // What a listener asks of its clients' certificates depends on there being a token.
  if (token_ == nullptr) return fail(errc::not_supported, "the broker was made without a token");
  if (const char* problem = token_problem(token))
    return fail(errc::data, std::string("the token ") + problem);
  token_->replace(std::move(token));
  return {};
}

}  // namespace busrt::broker
