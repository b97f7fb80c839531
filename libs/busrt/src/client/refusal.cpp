#include "client/refusal.hpp"

#include <string>

#include "busrt/address.hpp"
#include "busrt/protocol.hpp"
#include "busrt/tls.hpp"

namespace busrt::detail {

Error explain_refusal(Error why, const ClientConfig& config) {
  if (why.code != errc::access || config.endpoint || !config.tls.certificate) return why;
  const auto address = Address::parse(config.address, config.runtime_directory);
  // A broker at wss:// may not have asked for the certificate.
  const bool shown = address && address->scheme == Address::Scheme::tls_tcp;
  if (!shown && !(address && address->scheme == Address::Scheme::secure_websocket)) return why;
  const auto certified = certificate_name(*config.tls.certificate);
  const std::string name(primary_name(config.name));
  if (!certified || *certified == name) return why;
  const std::string mismatch =
      certified->empty() ? "its certificate has no name, or several common names; its name is " + name
                         : "its certificate is for " + *certified + ", its name is " + name;
  why.message = shown ? "the broker refused the client: " + mismatch
                      : "the broker refused the client, by its access rules or because " + mismatch;
  return why;
}

}  // namespace busrt::detail
