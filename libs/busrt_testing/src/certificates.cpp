#include "busrt_testing/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace busrt_testing {

namespace {

void check(bool worked, const char* what) {
  if (!worked) throw std::runtime_error(std::string("making a certificate: ") + what);
}

std::shared_ptr<EVP_PKEY> new_key() {
  std::shared_ptr<EVP_PKEY> key(::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), ::EVP_PKEY_free);
  check(key != nullptr, "key");
  return key;
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  ::X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = ::X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr, value.c_str());
  ::X509_add_ext(certificate, extension, -1);
  ::X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> new_certificate(EVP_PKEY* key, const CertificateOrder& order, long serial) {
  std::shared_ptr<X509> certificate(::X509_new(), ::X509_free);
  check(certificate != nullptr, "certificate");
  ::X509_set_version(certificate.get(), X509_VERSION_3);
  ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), serial);
  ::X509_gmtime_adj(::X509_getm_notBefore(certificate.get()), static_cast<long>(order.valid_from.count()));
  ::X509_gmtime_adj(::X509_getm_notAfter(certificate.get()), static_cast<long>(order.valid_to.count()));
  ::X509_set_pubkey(certificate.get(), key);
  if (!order.common_name.empty()) {
    const auto* text = reinterpret_cast<const unsigned char*>(order.common_name.c_str());
    ::X509_NAME_add_entry_by_txt(::X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8, text, -1,
                                 -1, 0);
  }
  return certificate;
}

template <class Write>
void write_file(const std::filesystem::path& path, Write write) {
  BIO* file = ::BIO_new_file(path.c_str(), "w");
  check(file != nullptr, path.c_str());
  const bool written = write(file) == 1;
  ::BIO_free(file);
  check(written, path.c_str());
}

std::shared_ptr<X509> read_certificate(const std::string& path) {
  BIO* file = ::BIO_new_file(path.c_str(), "r");
  check(file != nullptr, path.c_str());
  std::shared_ptr<X509> certificate(::PEM_read_bio_X509(file, nullptr, nullptr, nullptr), ::X509_free);
  ::BIO_free(file);
  check(certificate != nullptr, path.c_str());
  return certificate;
}

void set_dates(X509_CRL* list, std::chrono::seconds valid_to) {
  const std::shared_ptr<ASN1_TIME> from(::X509_gmtime_adj(nullptr, -3'600), ::ASN1_TIME_free);
  const std::shared_ptr<ASN1_TIME> to(::X509_gmtime_adj(nullptr, static_cast<long>(valid_to.count())),
                                      ::ASN1_TIME_free);
  check(::X509_CRL_set1_lastUpdate(list, from.get()) == 1 && ::X509_CRL_set1_nextUpdate(list, to.get()) == 1,
        "dates");
}

void add_revoked(X509_CRL* list, const X509* certificate) {
  const std::shared_ptr<ASN1_TIME> now(::X509_gmtime_adj(nullptr, 0), ::ASN1_TIME_free);
  X509_REVOKED* entry = ::X509_REVOKED_new();
  check(::X509_REVOKED_set_serialNumber(
            entry, const_cast<ASN1_INTEGER*>(::X509_get0_serialNumber(certificate))) == 1 &&
            ::X509_REVOKED_set_revocationDate(entry, now.get()) == 1 &&
            ::X509_CRL_add0_revoked(list, entry) == 1,
        "entry");
}

}  // namespace

CertificateAuthority::CertificateAuthority(std::filesystem::path directory, const std::string& name)
    : directory_(std::move(directory)), name_(name), key_(new_key()) {
  CertificateOrder order;
  order.common_name = name;
  certificate_ = new_certificate(key_.get(), order, serial_++);
  X509* own = certificate_.get();
  ::X509_set_issuer_name(own, ::X509_get_subject_name(own));
  extend(own, own, NID_basic_constraints, "critical,CA:TRUE");
  extend(own, own, NID_subject_key_identifier, "hash");
  check(::X509_sign(own, key_.get(), ::EVP_sha256()) != 0, "signature");
  write_file(file(), [own](BIO* out) { return ::PEM_write_bio_X509(out, own); });
}

busrt::TlsFiles CertificateAuthority::issue(const std::string& stem, const CertificateOrder& order) {
  const auto key = new_key();
  const auto certificate = new_certificate(key.get(), order, serial_++);
  X509* issuer = certificate_.get();
  ::X509_set_issuer_name(certificate.get(), ::X509_get_subject_name(issuer));
  if (!order.alternative.empty()) {
    extend(certificate.get(), issuer, NID_subject_alt_name, order.alternative);
  }
  check(::X509_sign(certificate.get(), key_.get(), ::EVP_sha256()) != 0, "signature");
  busrt::TlsFiles files;
  files.certificate = (directory_ / (stem + ".pem")).string();
  files.key = (directory_ / (stem + ".key")).string();
  files.authority = file();
  write_file(*files.certificate, [&](BIO* out) { return ::PEM_write_bio_X509(out, certificate.get()); });
  write_file(*files.key, [&](BIO* out) {
    return ::PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return files;
}

std::string CertificateAuthority::revoke(const std::string& stem,
                                         const std::vector<busrt::TlsFiles>& certificates,
                                         std::chrono::seconds valid_to) {
  const std::shared_ptr<X509_CRL> list(::X509_CRL_new(), ::X509_CRL_free);
  ::X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  ::X509_CRL_set_issuer_name(list.get(), ::X509_get_subject_name(certificate_.get()));
  set_dates(list.get(), valid_to);
  for (const auto& each : certificates)
    add_revoked(list.get(), read_certificate(each.certificate.value()).get());
  ::X509_CRL_sort(list.get());
  check(::X509_CRL_sign(list.get(), key_.get(), ::EVP_sha256()) != 0, "signature");
  std::string file = (directory_ / (stem + ".crl")).string();
  write_file(file, [&](BIO* out) { return ::PEM_write_bio_X509_CRL(out, list.get()); });
  return file;
}

}  // namespace busrt_testing
