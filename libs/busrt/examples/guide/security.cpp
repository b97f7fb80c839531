// TLS, tokens, access rules.
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "busrt/access.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "busrt_testing/certificates.hpp"
#include "guide.hpp"

namespace guide {

namespace {

/// Opens a listener at `scheme` and a free port; the address.
std::string listen_somewhere(busrt::Broker& broker, const std::string& scheme) {
  for (;;) {
    std::string address = scheme + "127.0.0.1:" + std::to_string(busrt_testing::free_tcp_port());
    const auto bound = broker.listen(address);
    if (bound) return address;
    check(bound.error().code == std::errc::address_in_use, bound.error().describe());
  }
}

}  // namespace

int tls(const Place& place) {
  busrt_testing::CertificateAuthority authority(place.directory.path(), "authority");
  const busrt::TlsFiles issued =
      authority.issue("broker", {.common_name = "broker", .alternative = "IP:127.0.0.1"});
  const busrt::TlsFiles apps = authority.issue("app", {.common_name = "app"});
  const auto& [broker_pem, broker_key, authority_pem, no_list] = issued;
  const auto& [app_pem, app_key, app_authority, no_other] = apps;
  const std::string revoked_pem = authority.revoke("revoked", {});
  // [tls_broker]
  busrt::BrokerConfig config;
  config.tls = {.certificate = broker_pem, .key = broker_key, .authority = authority_pem};
  config.tls.revocations = revoked_pem;  // where the authority keeps a list
  busrt::Broker broker(config);
  // [/tls_broker]
  const std::string address = listen_somewhere(broker, "tcp://");
  // [misuse]
  const std::vector<std::string> addresses{address};
  if (const auto misuse = busrt::find_security_misuse(config, addresses)) {
    std::cerr << to_string(misuse->option) << ' ' << misuse->reason << '\n';
    return 1;
  }
  // [/misuse]
  config.token = "for no WebSocket";
  check(busrt::find_security_misuse(config, addresses).has_value(), "a token without a WebSocket is found");
  // [tls_client]
  busrt::ClientConfig client_config{.name = "app", .address = address};  // tcp://HOST:PORT
  client_config.tls = {.certificate = app_pem, .key = app_key, .authority = authority_pem};
  busrt::BlockingClient client(client_config);
  if (auto up = client.connect(); !up) return report(up.error());
  // [/tls_client]
  client_config.name = "admin";
  const auto other = busrt::BlockingClient(client_config).connect();
  check(!other && other.error().code == busrt::errc::access, "a certificate is for its own name alone");
  client_config.tls = {.authority = authority_pem};
  const auto without = busrt::BlockingClient(client_config).connect();
  check(!without && without.error().code == busrt::errc::certificate_required,
        "a client needs a certificate");
  (void)authority.revoke("revoked", {apps});
  // [reload]
  if (auto reloaded = broker.reload_certificates(); !reloaded) return report(reloaded.error());
  // [/reload]
  client_config.name = "app";
  client_config.tls = apps;
  const auto again = busrt::BlockingClient(client_config).connect();
  check(!again && again.error().code == busrt::errc::certificate_revoked, "a revoked certificate is refused");
  return 0;
}

int websocket(const Place& /*place*/) {
  const std::string secret = "swordfish";
  // [websocket]
  busrt::BrokerConfig config;
  config.token = secret;  // from a file that only the broker can read
  busrt::Broker broker(config);
  // [/websocket]
  const std::string address = listen_somewhere(broker, "ws://");
  // [websocket_client]
  busrt::ClientConfig client_config{.name = "app", .address = address};  // ws://HOST:PORT
  client_config.token = secret;
  busrt::BlockingClient client(client_config);
  if (auto up = client.connect(); !up) return report(up.error());
  // [/websocket_client]
  client_config.token = "guessed";
  const auto guessed = busrt::BlockingClient(client_config).connect();
  check(!guessed && guessed.error().code == busrt::errc::access, "a wrong token is refused");
  return 0;
}

int access(const Place& place) {
  busrt::Broker broker;
  if (auto bound = broker.listen(place.address); !bound) return report(bound.error());
  const std::filesystem::path path = place.sources / "access.toml";
  // [access]
  auto rules = busrt::AccessRules::load(path);
  if (!rules) return report(rules.error());  // one line for each mistake: FILE:LINE:COLUMN
  broker.set_access(std::make_shared<const busrt::AccessRules>(std::move(*rules)));
  // [/access]
  busrt::BlockingClient sensor({.name = "sensor.hall", .address = place.address});
  busrt::BlockingClient display({.name = "display", .address = place.address});
  if (auto up = sensor.connect(); !up) return report(up.error());
  if (auto up = display.connect(); !up) return report(up.error());
  check(display.subscribe({"sensors/#"}).has_value(), "what is granted is allowed");
  check(sensor.publish("sensors/hall", busrt::as_bytes("21.5")).has_value(), "what is granted is allowed");
  const auto denied = sensor.publish("alerts/fire", busrt::as_bytes("!"));
  check(!denied && denied.error().code == busrt::errc::access, "what is not granted is denied");
  check(broker.stats().denied == 1, "and counted");
  const auto stranger = busrt::BlockingClient({.name = "stranger", .address = place.address}).connect();
  check(!stranger && stranger.error().code == busrt::errc::access, "who has no entry is refused");
  return 0;
}

}  // namespace guide
