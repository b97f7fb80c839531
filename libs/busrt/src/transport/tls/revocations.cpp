#include "transport/tls/revocations.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <utility>

#include "transport/tls/pem_file.hpp"
#include "transport/tls/tls_error.hpp"

namespace busrt::transport {

namespace {

/// The next list of a PEM file, or null at its end or at a mistake, which OpenSSL's queue of errors then
/// holds.
Revocations::List next_list(BIO* file) {
  return {::PEM_read_bio_X509_CRL(file, nullptr, no_password, nullptr),
          [](X509_CRL* each) { ::X509_CRL_free(each); }};
}

}  // namespace

Result<std::shared_ptr<const Revocations>> Revocations::load(const std::string& path) {
  const auto file = PemFile::read("revocations", path);
  if (!file) return std::unexpected(file.error());
  ::ERR_clear_error();
  const auto reader = file->reader();
  std::vector<List> lists;
  while (List list = next_list(reader.get())) lists.push_back(std::move(list));
  if (!at_end_of_pem()) return std::unexpected(file->openssl_fault());
  ::ERR_clear_error();
  if (lists.empty()) return std::unexpected(file->fault("holds no revocation list in PEM form"));
  return std::make_shared<const Revocations>(std::move(lists));
}

Result<> Revocations::use_in(ssl_ctx_st& context) const {
  X509_STORE* store = ::SSL_CTX_get_cert_store(&context);
  for (const List& list : lists_) {
    if (::X509_STORE_add_crl(store, list.get()) != 1) {
      return fail(errc::tls, "revocations: a list cannot be used: " + openssl_reason());
    }
  }
  ::X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return {};
}

std::optional<std::string> Revocations::find_revoked(const stack_st_X509& chain) const {
  for (int i = 0; i < sk_X509_num(&chain); ++i) {
    X509* certificate = sk_X509_value(&chain, i);
    for (const List& list : lists_) {
      X509_REVOKED* entry = nullptr;
      // 2 is a certificate that the authority took off its list again.
      if (::X509_CRL_get0_by_cert(list.get(), &entry, certificate) == 1) return subject_of(certificate);
    }
  }
  return std::nullopt;
}

}  // namespace busrt::transport
