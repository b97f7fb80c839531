// The error codes of the bus: the protocol's response codes, and codes for errors on this side of the
// connection.
#pragma once

#include <cstdint>
#include <system_error>

#include "busrt/base/result.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// The error codes. Values up to 0xFF are response codes of the BUS/RT protocol and travel on the wire as one
/// byte.
enum class errc : int {
  ok = 0x01,              ///< success
  not_registered = 0x71,  ///< no client has this name
  data = 0x72,            ///< a name, frame or payload is malformed
  io = 0x73,              ///< the connection failed or is closed
  other = 0x74,           ///< any other error
  not_supported = 0x75,   ///< the operation, or the peer's protocol, is not supported
  busy = 0x76,            ///< a name or address is in use, or a limit of the broker is reached
  not_delivered = 0x77,   ///< the receiver's queue did not take the frame
  timeout = 0x78,         ///< the deadline passed
  access = 0x79,          ///< access control denied the operation, or other users can change a trusted file

  not_connected = 0x100,  ///< the client has no connection at this moment
  would_block,            ///< a bounded buffer is full; nothing was taken
  too_large,              ///< the value exceeds a limit of limits.hpp
  closed,                 ///< the client or the broker was shut down by its own program
  bad_address,            ///< the connection string is not valid
  not_sent,               ///< given up before it was sent: certainly not delivered
  // Why a TLS connection failed. The message says whose certificate it is.
  certificate_expired,    ///< the certificate has expired or is not valid yet
  certificate_name,       ///< the broker's certificate is for another name
  certificate_untrusted,  ///< an authority that is not trusted issued the certificate
  certificate_required,   ///< the other side requires a certificate and got none
  certificate_revoked,    ///< the certificate is revoked, or no revocation list of its authority is in force
  tls,                    ///< any other reason: no common version, unusable files, a peer without TLS
};

/// Returns the std::error_category of `errc`.
const std::error_category& error_category() noexcept;

/// Makes a std::error_code from an `errc`; the standard library calls it.
inline std::error_code make_error_code(errc code) noexcept {
  return {static_cast<int>(code), error_category()};
}

using Error = base::Error;
template <class T = void>
using Result = base::Result<T>;
using base::fail;

}  // namespace busrt
BUSRT_API_END

template <>
struct std::is_error_code_enum<busrt::errc> : std::true_type {};
