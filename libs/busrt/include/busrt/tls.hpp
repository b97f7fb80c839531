// What TLS needs from files, the same for broker and client.
#pragma once

#include <optional>
#include <string>

#include "busrt/error.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Paths of PEM files: regular files of at most limits::tls_file_bytes, which no other user can change. They
/// are read when a listener is opened, when certificates are reloaded, and at each connection of a client. An
/// empty path is a mistake and not an absent file.
struct TlsFiles {
  std::optional<std::string> certificate{};  ///< one's own, followed by its intermediates
  std::optional<std::string> key{};          ///< of the certificate; not encrypted
  std::optional<std::string> authority{};    ///< whom to trust: one certificate or several
  /// Certificate revocation lists. A certificate that one of them names is refused. So is one that cannot be
  /// checked: a list in force is needed from every authority in the peer's chain, the root's own included. A
  /// broker needs the authority besides.
  std::optional<std::string> revocations{};

  /// True where all paths are the same text.
  [[nodiscard]] bool operator==(const TlsFiles&) const = default;
};

/// The one name that the certificate in a PEM file stands for, and which a client that shows it has to have:
/// its subject's common name, else its first DNS name, else its first URI. Empty where it has none, or more
/// than one common name. errc::tls or the system's code for a file that does not serve; errc::not_supported
/// on Windows.
[[nodiscard]] Result<std::string> certificate_name(const std::string& file);

/// Reads the files as a tcp:// or wss:// listener does, and opens nothing. Errors: errc::access, errc::tls or
/// the system's code, with a sentence that begins with the field and the path; errc::not_supported on
/// Windows.
[[nodiscard]] Result<> check_listener_files(const TlsFiles& files);

}  // namespace busrt
BUSRT_API_END
