#include "transport/tls/tls_error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>

namespace busrt::transport {

namespace {

std::string reason_text(unsigned long code) {
  const char* reason = ::ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown reason " + std::to_string(code);
}

/// A certificate that was refused. OpenSSL itself does not hold on to one that it has not accepted.
struct Refused {
  std::string subject;
  long reason = X509_V_OK;
};

/// Where a session keeps it.
int refused_index() {
  static const int index = ::SSL_get_ex_new_index(
      0, nullptr, nullptr, nullptr,
      [](void*, void* kept, CRYPTO_EX_DATA*, int, long, void*) { delete static_cast<Refused*>(kept); });
  return index;
}

Refused refused_certificate(const SSL* session) {
  const auto* kept = static_cast<const Refused*>(::SSL_get_ex_data(session, refused_index()));
  if (kept != nullptr) return *kept;
  return {subject_of(::SSL_get0_peer_certificate(session)), ::SSL_get_verify_result(session)};
}

/// Reasons that are about there being no authority that is trusted.
constexpr std::array no_authority{
    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
    X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN};

/// Reasons that are about a list of revoked certificates.
constexpr std::array list_faults{X509_V_ERR_UNABLE_TO_GET_CRL,
                                 X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER,
                                 X509_V_ERR_CRL_HAS_EXPIRED,
                                 X509_V_ERR_CRL_NOT_YET_VALID,
                                 X509_V_ERR_CRL_SIGNATURE_FAILURE,
                                 X509_V_ERR_DIFFERENT_CRL_SCOPE,
                                 X509_V_ERR_KEYUSAGE_NO_CRL_SIGN,
                                 X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION,
                                 X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE};

/// What we found wrong with the peer's certificate.
Error own_verdict(const SSL* session, TlsRole role) {
  const auto [subject, verdict] = refused_certificate(session);
  const std::string whose =
      (role == TlsRole::client ? "the broker's certificate" : "the client's certificate") + subject;
  const std::string why = ::X509_verify_cert_error_string(verdict);
  switch (verdict) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {errc::certificate_expired, whose + " has expired"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {errc::certificate_expired, whose + " is not valid yet"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {errc::certificate_name, whose + " is not for the name that was connected to"};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return {errc::certificate_untrusted, whose + " was issued by no authority trusted here: " + why};
    case X509_V_ERR_CERT_REVOKED:
      return {errc::certificate_revoked, whose + " has been revoked"};
    case X509_V_ERR_UNABLE_TO_GET_CRL:
      return {errc::certificate_revoked,
              whose + " cannot be checked: the file of revocations has no list of its authority"};
    case X509_V_ERR_CRL_HAS_EXPIRED:
      return {errc::certificate_revoked,
              whose + " cannot be checked: the revocation list of its authority has expired"};
    default:
      return {errc::tls, whose + " was refused: " + why};
  }
}

/// What the peer said before it ended the connection.
Error peers_verdict(TlsRole role, int reason, const std::string& why) {
  const std::string who = role == TlsRole::client ? "the broker" : "the client";
  const std::string whose =
      role == TlsRole::client ? "this client's certificate" : "this broker's certificate";
  switch (reason) {
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
      return {errc::certificate_expired, who + " says that " + whose + " has expired"};
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED:
      return {errc::certificate_revoked, who + " says that " + whose + " has been revoked"};
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
      return {errc::certificate_untrusted, who + " does not know the authority of " + whose};
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
      return {errc::certificate_required, who + " asks for a certificate and was shown none"};
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
      return {errc::tls, who + " refused " + whose + ": " + why};
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return {errc::tls, who + " speaks no common version of TLS"};
    default:
      return {errc::tls, who + " ended the TLS handshake: " + why};
  }
}

/// OpenSSL numbers the alerts that came in by adding this to the alert's own number.
constexpr int alert_offset = SSL_AD_REASON_OFFSET;

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ::ERR_peek_last_error();
  ::ERR_clear_error();
  return code == 0 ? "unknown reason" : reason_text(code);
}

std::string subject_of(const X509* certificate) {
  if (certificate == nullptr) return {};
  BIO* memory = ::BIO_new(::BIO_s_mem());
  ::X509_NAME_print_ex(memory, ::X509_get_subject_name(certificate), 0,
                       XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  std::string subject = " (" + std::string(text, static_cast<std::size_t>(length)) + ")";
  ::BIO_free(memory);
  return subject;
}

Error tls_error(const ssl_st* session, TlsRole role, unsigned long code) {
  const int reason = ERR_GET_REASON(code);
  if (reason == SSL_R_CERTIFICATE_VERIFY_FAILED) return own_verdict(session, role);
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    return {errc::certificate_required, "the client showed no certificate"};
  }
  if (reason > alert_offset) return peers_verdict(role, reason, reason_text(code));
  const std::string who = role == TlsRole::client ? "the broker" : "the client";
  switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
      return {errc::tls, who + " does not speak TLS here: " + reason_text(code)};
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
      return {errc::tls, who + " speaks no common version of TLS"};
    default:
      return {errc::tls, "TLS failed: " + reason_text(code)};
  }
}

int note_refused_certificate(int accepted, X509_STORE_CTX* verification) {
  if (accepted != 0) return accepted;
  auto* session =
      static_cast<SSL*>(::X509_STORE_CTX_get_ex_data(verification, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  const int reason = ::X509_STORE_CTX_get_error(verification);
  // Where no authority is found, OpenSSL stands at the last certificate that the peer sent.
  const bool is_unfounded = std::ranges::find(no_authority, reason) != no_authority.end();
  const X509* certificate = is_unfounded ? ::X509_STORE_CTX_get0_cert(verification)
                                         : ::X509_STORE_CTX_get_current_cert(verification);
  const int index = refused_index();
  delete static_cast<Refused*>(::SSL_get_ex_data(session, index));
  ::SSL_set_ex_data(session, index, new Refused{subject_of(certificate), reason});
  // OpenSSL's alert for this one is "certificate unknown".
  if (std::ranges::find(list_faults, reason) != list_faults.end())
    ::X509_STORE_CTX_set_error(verification, X509_V_ERR_CRL_PATH_VALIDATION_ERROR);
  return accepted;
}

}  // namespace busrt::transport
