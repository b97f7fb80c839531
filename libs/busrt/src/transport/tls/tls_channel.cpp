#include "transport/tls/tls_channel.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "busrt/limits.hpp"
#include "transport/tls/tls_error.hpp"

namespace busrt::transport {

namespace {

TlsChannel& channel_of(BIO* bio) {
  return *static_cast<TlsChannel*>(::BIO_get_data(bio));
}

int bio_read(BIO* bio, char* room, std::size_t size, std::size_t* count) {
  BIO_clear_retry_flags(bio);
  const IoResult got = channel_of(bio).pull(std::as_writable_bytes(std::span(room, size)));
  if (got.status == IoResult::Status::would_block) BIO_set_retry_read(bio);
  if (got.status == IoResult::Status::closed) ::BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  *count = got.bytes;
  if (got.status == IoResult::Status::ok) return 1;
  return got.status == IoResult::Status::closed ? 0 : -1;
}

int bio_write(BIO* bio, const char* bytes, std::size_t size, std::size_t* count) {
  BIO_clear_retry_flags(bio);
  const IoResult put = channel_of(bio).push(std::as_bytes(std::span(bytes, size)));
  if (put.status == IoResult::Status::would_block) BIO_set_retry_write(bio);
  *count = put.bytes;
  return put.status == IoResult::Status::ok ? 1 : -1;
}

long bio_control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return ::BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

/// A constant table of callbacks, made once for the process.
const BIO_METHOD* bio_method() {
  static const std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)> method = [] {
    BIO_METHOD* made = ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "busrt stream");
    if (made == nullptr) throw std::bad_alloc();
    ::BIO_meth_set_read_ex(made, bio_read);
    ::BIO_meth_set_write_ex(made, bio_write);
    ::BIO_meth_set_ctrl(made, bio_control);
    return std::unique_ptr<BIO_METHOD, void (*)(BIO_METHOD*)>(made, ::BIO_meth_free);
  }();
  return method.get();
}

void expect_name(SSL* session, const std::string& name) {
  X509_VERIFY_PARAM* checks = ::SSL_get0_param(session);
  ::X509_VERIFY_PARAM_set_hostflags(checks, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (::X509_VERIFY_PARAM_set1_ip_asc(checks, name.c_str()) == 1) return;
  ::X509_VERIFY_PARAM_set1_host(checks, name.data(), name.size());
  // The library's macro for this casts in the old style.
  ::SSL_ctrl(session, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
}

}  // namespace

void apply_rules(SSL* session, TlsRole role, const TlsPeerRules& rules) {
  if (role == TlsRole::client) {
    ::SSL_set_connect_state(session);
    expect_name(session, rules.server_name);
    return;
  }
  ::SSL_set_accept_state(session);
  switch (rules.client_certificate) {
    case TlsPeerRules::ClientCertificate::required:
      ::SSL_set_verify(session, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, note_refused_certificate);
      break;
    case TlsPeerRules::ClientCertificate::optional:
      ::SSL_set_verify(session, SSL_VERIFY_PEER, note_refused_certificate);
      break;
    case TlsPeerRules::ClientCertificate::none:
      ::SSL_set_verify(session, SSL_VERIFY_NONE, nullptr);
      break;
  }
}

std::optional<PeerCertificate> verified_certificate(const SSL* session) {
  const X509* certificate = ::SSL_get0_peer_certificate(session);
  if (certificate == nullptr || ::SSL_get_verify_result(session) != X509_V_OK) return std::nullopt;
  std::shared_ptr<const STACK_OF(X509)> chain(
      ::X509_chain_up_ref(::SSL_get0_verified_chain(session)),
      [](STACK_OF(X509) * each) { sk_X509_pop_free(each, ::X509_free); });
  if (!chain) throw std::bad_alloc();
  return PeerCertificate{certificate_name(certificate), std::move(chain)};
}

TlsChannel::TlsChannel(std::shared_ptr<const TlsContext> context, const TlsPeerRules& rules,
                       EncryptedBytes& bytes)
    : context_(std::move(context)), bytes_(&bytes), session_(::SSL_new(context_->native()), ::SSL_free) {
  BIO* bio = ::BIO_new(bio_method());
  if (!session_ || bio == nullptr) {
    ::BIO_free(bio);
    throw std::bad_alloc();
  }
  ::BIO_set_data(bio, this);
  ::BIO_set_init(bio, 1);
  ::SSL_set_bio(session_.get(), bio, bio);
  apply_rules(session_.get(), context_->role(), rules);
}

IoResult TlsChannel::pull(std::span<std::byte> room) {
  if (established_) return noted(bytes_->read_encrypted(room));
  const std::size_t left = limits::tls_handshake_bytes - handshake_bytes_;
  if (left == 0) {
    too_long_ = true;
    return {IoResult::Status::failed, 0, 0};
  }
  const IoResult got = noted(bytes_->read_encrypted(room.first(std::min(room.size(), left))));
  handshake_bytes_ += got.bytes;
  return got;
}

TlsChannel::Outcome TlsChannel::outcome_of(int result, bool& broken) {
  switch (::SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Status::wants_read, 0};
    case SSL_ERROR_WANT_WRITE:
      return {Status::wants_write, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Status::closed, 0};
    default:
      break;
  }
  const unsigned long code = ::ERR_peek_error();
  ::ERR_clear_error();
  broken = true;
  if (too_long_) {
    error_ = {errc::tls,
              "a TLS handshake of more than " + std::to_string(limits::tls_handshake_bytes) + " bytes"};
    return {Status::failed, 0};
  }
  if (system_error_ != 0) {
    // The peer is still there and would wait for what was not written.
    read_broken_ = write_broken_ = true;
    error_ = {errc::io, std::generic_category().message(system_error_)};
    return {Status::failed, 0};
  }
  // The frames say themselves where they end, so a peer that leaves without a word has just left.
  if (code == 0 || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
    error_ = {errc::io, "the peer closed the connection"};
    return {Status::closed, 0};
  }
  read_broken_ = write_broken_ = true;
  error_ = tls_error(session_.get(), context_->role(), code);
  return {Status::failed, 0};
}

TlsChannel::Outcome TlsChannel::handshake() {
  ::ERR_clear_error();
  const int result = ::SSL_do_handshake(session_.get());
  if (result != 1) return outcome_of(result, read_broken_);
  established_ = true;
  return {Status::ok, 0};
}

TlsChannel::Outcome TlsChannel::read(std::span<std::byte> room) {
  if (read_broken_) return {Status::closed, 0};
  ::ERR_clear_error();
  std::size_t count = 0;
  const int result = ::SSL_read_ex(session_.get(), room.data(), room.size(), &count);
  return result == 1 ? Outcome{Status::ok, count} : outcome_of(result, read_broken_);
}

TlsChannel::Outcome TlsChannel::write(std::span<const std::byte> bytes) {
  if (write_broken_) return {Status::closed, 0};
  ::ERR_clear_error();
  std::size_t count = 0;
  const int result =
      ::SSL_write_ex(session_.get(), bytes.data(), std::min(bytes.size(), record_bytes), &count);
  return result == 1 ? Outcome{Status::ok, count} : outcome_of(result, write_broken_);
}

void TlsChannel::say_goodbye() {
  if (!established_ || write_broken_) return;
  ::ERR_clear_error();
  ::SSL_shutdown(session_.get());
  ::ERR_clear_error();
}

}  // namespace busrt::transport
