// Certificates for tests, issued by an authority that only the test uses.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "busrt/tls.hpp"

struct evp_pkey_st;
struct x509_st;

namespace busrt_testing {

/// The contents of a certificate to issue.
struct CertificateOrder {
  std::string common_name{};  ///< empty: no common name
  /// Alternative names in the notation of OpenSSL's configuration: "DNS:localhost,IP:127.0.0.1".
  std::string alternative{};
  std::chrono::seconds valid_from = std::chrono::hours(-1);  ///< beginning of the validity, relative to now
  std::chrono::seconds valid_to = std::chrono::hours(24);    ///< end of the validity, relative to now
};

/// An authority that issues and revokes certificates. Errors: members throw std::runtime_error if OpenSSL
/// fails.
class CertificateAuthority {
 public:
  /// Creates an authority. It writes its files to `directory`; its own certificate is NAME.pem.
  CertificateAuthority(std::filesystem::path directory, const std::string& name);

  /// Issues a certificate. It writes STEM.pem and STEM.key, replacing existing files. Returns their paths and
  /// that of the authority's certificate.
  [[nodiscard]] busrt::TlsFiles issue(const std::string& stem, const CertificateOrder& order);
  /// Writes a revocation list of certificates that this authority has issued. It writes STEM.crl, replacing
  /// an existing file. The list is in force since an hour ago. Returns its path.
  [[nodiscard]] std::string revoke(const std::string& stem, const std::vector<busrt::TlsFiles>& certificates,
                                   std::chrono::seconds valid_to = std::chrono::hours(24));
  /// Returns the path of the authority's own certificate.
  [[nodiscard]] std::string file() const { return (directory_ / (name_ + ".pem")).string(); }

 private:
  std::filesystem::path directory_;
  std::string name_;
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
  long serial_ = 1;
};

/// Returns a TCP port of 127.0.0.1 that was free a moment ago.
[[nodiscard]] unsigned free_tcp_port();

}  // namespace busrt_testing
