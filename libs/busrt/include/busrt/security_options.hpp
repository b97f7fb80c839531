// Security options without effect: the value is empty, or no listener or connection uses it. The bus refuses
// such a configuration, because its author relies on the option.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// The options of BrokerConfig and ClientConfig that protect the bus, or that weaken its protection.
enum class SecurityOption : std::uint8_t {
  token,
  certificate,
  key,
  authority,
  server_name,
  websocket_origins,
  insecure_tcp,
  max_connections_per_uid,
  revocations,
};
/// Returns the name of the member, for example "token" or "tls.certificate". The text is static.
[[nodiscard]] std::string_view to_string(SecurityOption option) noexcept;

/// An option without effect.
struct SecurityMisuse {
  SecurityOption option{};  ///< the option
  std::string reason;  ///< the second half of a sentence that begins with the option; names the addresses
};

}  // namespace busrt
BUSRT_API_END
