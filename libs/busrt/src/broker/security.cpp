// The security options of a BrokerConfig, each with the listeners that it is for.
#include "broker/security.hpp"

namespace busrt {

namespace broker {

std::vector<GivenOption> given_options(const BrokerConfig& config) {
  std::vector<GivenOption> given;
  const auto text = [&given](SecurityOption option, const std::optional<std::string>& value,
                             bool (*serves)(const Address&), std::string_view place) {
    if (value) given.push_back({option, *value, true, serves, place});
  };
  constexpr std::string_view tls = "tcp:// and wss:// listeners";
  constexpr std::string_view websockets = "ws:// and wss:// listeners";
  text(SecurityOption::token, config.token, speaks_websocket, websockets);
  text(SecurityOption::certificate, config.tls.certificate, speaks_tls, tls);
  text(SecurityOption::key, config.tls.key, speaks_tls, tls);
  text(SecurityOption::authority, config.tls.authority, speaks_tls, tls);
  text(SecurityOption::revocations, config.tls.revocations, speaks_tls, tls);
  for (const std::string& origin : config.websocket_origins) {
    given.push_back({SecurityOption::websocket_origins, origin, true, speaks_websocket, websockets});
  }
  if (config.insecure_tcp) {
    given.push_back(
        {SecurityOption::insecure_tcp, {}, false, may_be_plain_network, "HOST:PORT and ws:// listeners"});
  }
  if (config.max_connections_per_uid != 0) {
    given.push_back({SecurityOption::max_connections_per_uid,
                     {},
                     false,
                     may_know_users,
                     "unix sockets, the only ones whose peer's user is known"});
  }
  return given;
}

}  // namespace broker

std::optional<SecurityMisuse> find_security_misuse(const BrokerConfig& config,
                                                   std::span<const std::string> addresses) {
  const auto given = broker::given_options(config);
  if (auto malformed = find_malformed(given)) return malformed;
  if (config.tls.revocations && !config.tls.authority) {
    return SecurityMisuse{SecurityOption::revocations,
                          "has no effect without an authority: no client's certificate is checked"};
  }
  return find_unused(given, addresses, config.runtime_directory);
}

}  // namespace busrt
