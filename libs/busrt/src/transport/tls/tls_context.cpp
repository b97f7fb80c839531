#include "transport/tls/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>
#include <utility>

#include "busrt/limits.hpp"
#include "transport/tls/pem_file.hpp"
#include "transport/tls/tls_error.hpp"

namespace busrt::transport {

namespace {

/// TLS 1.2 with forward secrecy and authenticated encryption; 1.3 has nothing else.
constexpr const char* old_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// OpenSSL reads this much at once, so that a record does not cost two system calls.
constexpr std::size_t read_buffer_bytes = 64U << 10;

using Certificate = std::unique_ptr<X509, void (*)(X509*)>;

/// The next certificate of a PEM file, or null at its end or at a mistake, which OpenSSL's queue of errors
/// then holds.
Certificate next_certificate(BIO* reader) {
  return {::PEM_read_bio_X509_AUX(reader, nullptr, no_password, nullptr), ::X509_free};
}

/// One's own certificate, and after it those between it and the authority.
Result<> use_chain(SSL_CTX& context, const std::string& path) {
  const auto file = PemFile::read("certificate", path);
  if (!file) return std::unexpected(file.error());
  ::ERR_clear_error();
  const auto reader = file->reader();
  const Certificate own = next_certificate(reader.get());
  if (!own || ::SSL_CTX_use_certificate(&context, own.get()) != 1)
    return std::unexpected(file->openssl_fault());
  while (const Certificate next = next_certificate(reader.get())) {
    if (::SSL_CTX_add1_chain_cert(&context, next.get()) != 1) return std::unexpected(file->openssl_fault());
  }
  if (!at_end_of_pem()) return std::unexpected(file->openssl_fault());
  ::ERR_clear_error();
  return {};
}

/// The certificate is there already.
Result<> use_key(SSL_CTX& context, const std::string& path, const std::string& certificate) {
  const auto file = PemFile::read("key", path);
  if (!file) return std::unexpected(file.error());
  ::ERR_clear_error();
  const auto reader = file->reader();
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(
      ::PEM_read_bio_PrivateKey(reader.get(), nullptr, no_password, nullptr), ::EVP_PKEY_free);
  if (key && ::SSL_CTX_use_PrivateKey(&context, key.get()) == 1) return {};
  if (ERR_GET_REASON(::ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH)
    return std::unexpected(file->openssl_fault());
  ::ERR_clear_error();
  return std::unexpected(file->fault("does not belong to the certificate " + certificate));
}

/// All certificates of the file are trusted.
Result<> use_authority(SSL_CTX& context, const std::string& path) {
  const auto file = PemFile::read("authority", path);
  if (!file) return std::unexpected(file.error());
  ::ERR_clear_error();
  const auto reader = file->reader();
  X509_STORE* store = ::SSL_CTX_get_cert_store(&context);
  bool any = false;
  while (const Certificate next = next_certificate(reader.get())) {
    if (::X509_STORE_add_cert(store, next.get()) != 1) return std::unexpected(file->openssl_fault());
    any = true;
  }
  if (!at_end_of_pem()) return std::unexpected(file->openssl_fault());
  ::ERR_clear_error();
  if (!any) return std::unexpected(file->fault("holds no certificate in PEM form"));
  return {};
}

/// Null where there are none.
Result<std::shared_ptr<const Revocations>> use_revocations(SSL_CTX& context, TlsRole role,
                                                           const TlsFiles& files) {
  if (!files.revocations) return nullptr;
  if (role == TlsRole::server && !files.authority)
    return fail(errc::tls, "revocations: without an authority no client's certificate is checked");
  auto revocations = Revocations::load(*files.revocations);
  if (!revocations) return revocations;
  if (auto used = (*revocations)->use_in(context); !used) return std::unexpected(std::move(used).error());
  return revocations;
}

Result<> use_files(SSL_CTX& context, TlsRole role, const TlsFiles& files) {
  if (files.certificate && !files.key)
    return fail(errc::tls, "key: missing for the certificate " + *files.certificate);
  if (files.key && !files.certificate)
    return fail(errc::tls, "certificate: missing for the key " + *files.key);
  if (files.certificate) {
    if (auto used = use_chain(context, *files.certificate); !used) return used;
    if (auto used = use_key(context, *files.key, *files.certificate); !used) return used;
  } else if (role == TlsRole::server) {
    return fail(errc::tls, "certificate and key: a TLS listener needs both");
  }
  if (files.authority) {
    if (auto used = use_authority(context, *files.authority); !used) return used;
  } else if (role == TlsRole::client && ::SSL_CTX_set_default_verify_paths(&context) != 1) {
    return fail(errc::tls, "authority: none given, and the system's cannot be used: " + openssl_reason());
  }
  return {};
}

void set_rules(SSL_CTX& context, TlsRole role) {
  ::SSL_CTX_set_min_proto_version(&context, TLS1_2_VERSION);
  ::SSL_CTX_set_cipher_list(&context, old_ciphers);
  ::SSL_CTX_set_options(&context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  ::SSL_CTX_set_session_cache_mode(&context, SSL_SESS_CACHE_OFF);
  ::SSL_CTX_set_num_tickets(&context, 0);
  ::SSL_CTX_set_max_cert_list(&context, static_cast<long>(limits::tls_handshake_bytes));
  // A write that was refused is tried again with the same bytes at another place, or with more behind them;
  // idle connections keep no buffers.
  ::SSL_CTX_set_mode(&context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                   SSL_MODE_RELEASE_BUFFERS);
  ::SSL_CTX_set_read_ahead(&context, 1);
  ::SSL_CTX_set_default_read_buffer_len(&context, read_buffer_bytes);
  ::SSL_CTX_set_default_passwd_cb(&context, no_password);
  // A server's demand differs by listener and is set for each connection.
  ::SSL_CTX_set_verify(&context, role == TlsRole::client ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                       note_refused_certificate);
}

std::string text_of(const ASN1_STRING* value) {
  unsigned char* utf8 = nullptr;
  const int length = ::ASN1_STRING_to_UTF8(&utf8, value);
  if (length < 0) return {};
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  ::OPENSSL_free(utf8);
  return text;
}

std::string alternative_name(const X509* certificate, int type) {
  auto* names =
      static_cast<GENERAL_NAMES*>(::X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  std::string found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names) && found.empty(); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names, i);
    if (name->type == type) found = text_of(name->d.ia5);
  }
  ::GENERAL_NAMES_free(names);
  return found;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(TlsRole role, const TlsFiles& files) {
  ::ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(
      ::SSL_CTX_new(role == TlsRole::client ? ::TLS_client_method() : ::TLS_server_method()),
      [](SSL_CTX* each) { ::SSL_CTX_free(each); });
  if (!context) return fail(errc::tls, "cannot set up TLS: " + openssl_reason());
  set_rules(*context, role);
  if (auto used = use_files(*context, role, files); !used) return std::unexpected(std::move(used).error());
  auto revocations = use_revocations(*context, role, files);
  if (!revocations) return std::unexpected(std::move(revocations).error());
  return std::make_shared<const TlsContext>(role, files.authority.has_value(), std::move(context),
                                            *std::move(revocations));
}

Result<> TlsServer::reload() {
  auto loaded = TlsContext::load(TlsRole::server, files_);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  const std::lock_guard lock(mutex_);
  context_ = *std::move(loaded);
  return {};
}

std::shared_ptr<const TlsContext> TlsServer::current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

std::string certificate_name(const x509_st* certificate) {
  const X509_NAME* subject = ::X509_get_subject_name(certificate);
  const int first = ::X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (first >= 0) {
    if (::X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0) return {};
    return text_of(::X509_NAME_ENTRY_get_data(::X509_NAME_get_entry(subject, first)));
  }
  std::string name = alternative_name(certificate, GEN_DNS);
  return name.empty() ? alternative_name(certificate, GEN_URI) : name;
}

}  // namespace busrt::transport

namespace busrt {

Result<std::string> certificate_name(const std::string& file) {
  const auto read = transport::PemFile::read("certificate", file);
  if (!read) return std::unexpected(read.error());
  ::ERR_clear_error();
  const auto reader = read->reader();
  const auto certificate = transport::next_certificate(reader.get());
  if (!certificate) return std::unexpected(read->openssl_fault());
  return transport::certificate_name(certificate.get());
}

Result<> check_listener_files(const TlsFiles& files) {
  auto loaded = transport::TlsContext::load(transport::TlsRole::server, files);
  if (!loaded) return std::unexpected(std::move(loaded).error());
  return {};
}

}  // namespace busrt
