// The security options of a ClientConfig, each with the addresses that it is for.
#include <array>
#include <string>
#include <vector>

#include "busrt/client.hpp"
#include "transport/security_options.hpp"

namespace busrt {

std::optional<SecurityMisuse> find_security_misuse(const ClientConfig& config) {
  std::vector<GivenOption> given;
  const auto text = [&given](SecurityOption option, const std::optional<std::string>& value,
                             bool (*serves)(const Address&), std::string_view place) {
    if (value) given.push_back({option, *value, true, serves, place});
  };
  constexpr std::string_view tls = "tcp:// and wss://";
  text(SecurityOption::token, config.token, speaks_websocket, "ws:// and wss://");
  text(SecurityOption::certificate, config.tls.certificate, speaks_tls, tls);
  text(SecurityOption::key, config.tls.key, speaks_tls, tls);
  text(SecurityOption::authority, config.tls.authority, speaks_tls, tls);
  text(SecurityOption::revocations, config.tls.revocations, speaks_tls, tls);
  text(SecurityOption::server_name, config.server_name, speaks_tls, tls);
  if (auto malformed = find_malformed(given)) return malformed;
  const std::array<std::string, 1> addresses{config.endpoint ? "inproc://endpoint" : config.address};
  return find_unused(given, addresses, config.runtime_directory);
}

}  // namespace busrt
