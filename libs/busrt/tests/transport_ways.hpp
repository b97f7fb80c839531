// Every way from a client to a broker: what each needs of certificates and addresses, so that one suite runs
// over all of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "busrt/broker.hpp"
#include "busrt/client.hpp"
#include "busrt_testing/certificates.hpp"
#include "busrt_testing/test_address.hpp"

namespace busrt {

/// all_ways(), those that this system has, is in the header of that name in linux/ and windows/.
enum class Way { ipc, inproc, tcp, tls, websocket, secure_websocket };

inline std::string name_of(Way way) {
  constexpr const char* names[] = {"ipc", "inproc", "tcp", "tls", "websocket", "secure_websocket"};
  return names[static_cast<std::size_t>(way)];
}

/// One way, with the certificates and the port that it takes.
class Transport {
 public:
  explicit Transport(Way way) : way_(way) {
    if (way == Way::ipc) address_ = busrt_testing::ipc_address_in(directory_.path());
    if (way == Way::tls || way == Way::secure_websocket) authority_.emplace(directory_.path(), "authority");
    choose_port();
  }

  /// The broker's certificates, and a token for WebSockets.
  void prepare(BrokerConfig& config) {
    if (authority_) {
      config.tls =
          authority_->issue("broker", {.common_name = "broker", .alternative = "DNS:localhost,IP:127.0.0.1"});
    }
    if (is_websocket()) config.token = token;
  }
  /// Another port is tried where somebody has taken the first one meanwhile.
  void listen(Broker& broker) {
    if (way_ == Way::inproc) return;
    auto bound = broker.listen(address_);
    for (int i = 0; i < 10 && !bound && bound.error().code == std::errc::address_in_use; ++i) {
      choose_port();
      bound = broker.listen(address_);
    }
    ASSERT_TRUE(bound) << bound.error().describe();
  }
  /// Another port, where the way has one.
  void choose_port() {
    if (way_ == Way::ipc || way_ == Way::inproc) return;
    const std::string place = "127.0.0.1:" + std::to_string(busrt_testing::free_tcp_port());
    if (way_ == Way::tcp) address_ = place;
    if (way_ == Way::tls) address_ = "tcp://" + place;
    if (way_ == Way::websocket) address_ = "ws://" + place;
    if (way_ == Way::secure_websocket) address_ = "wss://" + place;
  }
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  [[nodiscard]] ClientConfig client(std::string name, const Broker& broker) {
    ClientConfig config{.name = std::move(name), .address = address_};
    if (way_ == Way::inproc) config.endpoint = broker.local();
    if (authority_) {
      const std::string primary(primary_name(config.name));
      config.tls = authority_->issue(primary, {.common_name = primary});
    }
    if (is_websocket()) config.token = token;
    return config;
  }

 private:
  static constexpr const char* token = "a token";

  [[nodiscard]] bool is_websocket() const { return way_ == Way::websocket || way_ == Way::secure_websocket; }

  const Way way_;
  busrt_testing::TemporaryDirectory directory_;
  std::optional<busrt_testing::CertificateAuthority> authority_;
  std::string address_;
};

}  // namespace busrt
