// What TLS needs from files, the same for broker and client.
#pragma once

#include <string>

namespace busrt {

/// Paths of PEM files. The files are read when a listener is opened, when certificates are reloaded, and at
/// each connection of a client.
struct TlsFiles {
  std::string certificate{};  ///< one's own, followed by its intermediates
  std::string key{};          ///< of the certificate; not encrypted
  std::string authority{};    ///< whom to trust: one certificate or several

  [[nodiscard]] bool operator==(const TlsFiles&) const = default;
};

}  // namespace busrt
