// OpenSSL's reasons as the bus's errors.
#pragma once

#include <string>

#include "busrt/error.hpp"
#include "transport/tls/tls_context.hpp"

struct ssl_st;
struct x509_st;
struct x509_store_ctx_st;

namespace busrt::transport {

/// The last reason in this thread's error queue, in words; empties the queue.
[[nodiscard]] std::string openssl_reason();

/// "CN = name, O = ..." in parentheses with a space before; empty for no certificate.
[[nodiscard]] std::string subject_of(const x509_st* certificate);

/// Why a connection of `role` failed: the check of the peer's certificate, the peer's alert, or what else
/// `code`, an error of OpenSSL's queue, says. A sentence that names whose certificate it is.
[[nodiscard]] Error tls_error(const ssl_st* session, TlsRole role, unsigned long code);

/// OpenSSL's verify callback of every session: keeps for the sentence about it why a certificate is refused,
/// and its subject. Where the fault is that of a revocation list, the peer is not told that its certificate
/// has expired or that its authority is unknown, which is what OpenSSL would make of it.
int note_refused_certificate(int accepted, x509_store_ctx_st* verification);

}  // namespace busrt::transport
