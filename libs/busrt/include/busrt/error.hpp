// The bus's error codes: the protocol's own response codes, and what only this side of a connection can know.
#pragma once

#include <cstdint>
#include <system_error>

#include "busrt/base/result.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Values up to 0xFF are response codes of the BUS/RT protocol and travel on the wire as one byte.
enum class errc : int {
  ok = 0x01,
  not_registered = 0x71,  ///< no client of that name
  data = 0x72,            ///< malformed name, frame or payload
  io = 0x73,              ///< the connection failed or is closed
  other = 0x74,
  not_supported = 0x75,
  busy = 0x76,           ///< a name or an address is in use, or a limit of the broker is reached
  not_delivered = 0x77,  ///< the receiver's queue would not take the frame
  timeout = 0x78,
  access = 0x79,  ///< denied by an access rule

  not_connected = 0x100,  ///< the client has no connection at this moment
  would_block,            ///< a bounded buffer is full; nothing was taken
  too_large,              ///< over a limit of limits.hpp
  closed,                 ///< the client or the broker was shut down by its owner
  bad_address,            ///< a connection string that names no transport
  not_sent,               ///< given up before it was sent: certainly not delivered
  // Why there is no TLS connection; the sentence says whose certificate it is.
  certificate_expired,    ///< or is not valid yet
  certificate_name,       ///< the broker's certificate is for another name
  certificate_untrusted,  ///< issued by an authority that is not trusted
  certificate_required,   ///< the other side asks for a certificate and got none
  certificate_revoked,    ///< or cannot be checked: there is no list in force of its authority
  tls,                    ///< anything else: no common version, broken files, a peer without TLS
};

/// The std::error_category of `errc`.
const std::error_category& error_category() noexcept;

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
