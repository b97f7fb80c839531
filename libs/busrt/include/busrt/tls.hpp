// The PEM files of TLS, the same for broker and client.
#pragma once

#include <optional>
#include <string>

#include "busrt/error.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Paths of PEM files. Each must be a regular file of at most limits::tls_file_bytes that no other user can
/// change. The broker reads the files when it opens a listener and when it reloads certificates. The client
/// reads them for each connection. An empty path is an error; it does not mean that there is no file.
struct TlsFiles {
  /// The program's own certificate, followed by the intermediate certificates.
  std::optional<std::string> certificate{};
  std::optional<std::string> key{};        ///< the private key of the certificate; not encrypted
  std::optional<std::string> authority{};  ///< the trusted authorities: one certificate or several
  /// Certificate revocation lists. A certificate that a list names is refused. A certificate that cannot be
  /// checked is refused too: every authority in the peer's chain, the root included, needs a list that is in
  /// force. A broker that has this file also needs `authority`.
  std::optional<std::string> revocations{};

  /// Compares the paths as text.
  [[nodiscard]] bool operator==(const TlsFiles&) const = default;
};

/// Returns the name for which the certificate in a PEM file stands. A client that shows this certificate must
/// have this name as its primary name. The name is the subject's common name, else the first DNS name, else
/// the first URI. It is empty if the certificate has no name or more than one common name.
///
/// Errors: errc::tls or the system's code if the file cannot be used; errc::not_supported on Windows.
[[nodiscard]] Result<std::string> certificate_name(const std::string& file);

/// Reads and checks the files as a tcp:// or wss:// listener does, without opening a listener.
///
/// Errors: errc::access, errc::tls or the system's code, with a message that begins with the field and the
/// path; errc::not_supported on Windows.
[[nodiscard]] Result<> check_listener_files(const TlsFiles& files);

}  // namespace busrt
BUSRT_API_END
