// Security options that protect nothing: an empty value, or one that no listener or connection uses. Both are
// mistakes of the configuration, because whoever sets such an option relies on it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// The options of BrokerConfig and ClientConfig that protect the bus, or give protection up.
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
/// The member's name: "token", "tls.certificate".
[[nodiscard]] std::string_view to_string(SecurityOption option) noexcept;

/// An option that protects nothing.
struct SecurityMisuse {
  SecurityOption option{};  ///< the one
  std::string reason;       ///< continues a sentence that begins with the option; names the addresses
};

}  // namespace busrt
BUSRT_API_END
