// OpenSSL's reasons as the bus's errors.
#pragma once

#include <string>

#include "busrt/error.hpp"
#include "transport/tls/tls_context.hpp"

struct ssl_st;
struct x509_store_ctx_st;

namespace busrt::transport {

/// The last reason in this thread's error queue, in words; empties the queue.
[[nodiscard]] std::string openssl_reason();

/// Why a connection of `role` failed: the check of the peer's certificate, the peer's alert, or what else
/// `code`, an error of OpenSSL's queue, says. A sentence that names whose certificate it is.
[[nodiscard]] Error tls_error(const ssl_st* session, TlsRole role, unsigned long code);

/// OpenSSL's verify callback of every session: keeps the subject of a certificate that is refused for the
/// sentence about it, and leaves the verdict as it is.
int note_refused_certificate(int accepted, x509_store_ctx_st* verification);

}  // namespace busrt::transport
