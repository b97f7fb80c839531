// Certificates made for a test, by an authority that exists only in it.
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

struct CertificateOrder {
  std::string common_name{};  ///< empty: none
  std::string alternative{};  ///< as OpenSSL's configuration writes it: "DNS:localhost,IP:127.0.0.1"
  std::chrono::seconds valid_from = std::chrono::hours(-1);  ///< from now
  std::chrono::seconds valid_to = std::chrono::hours(24);
};

/// Throws std::runtime_error where OpenSSL fails.
class CertificateAuthority {
 public:
  /// Files go into `directory`; the authority's own certificate is NAME.pem.
  CertificateAuthority(std::filesystem::path directory, const std::string& name);

  /// STEM.pem and STEM.key, replaced where they exist, and this authority's certificate.
  [[nodiscard]] busrt::TlsFiles issue(const std::string& stem, const CertificateOrder& order);
  /// STEM.crl, replaced where it exists: a list, in force from an hour ago on, of certificates that this
  /// authority has issued and revoked.
  [[nodiscard]] std::string revoke(const std::string& stem, const std::vector<busrt::TlsFiles>& certificates,
                                   std::chrono::seconds valid_to = std::chrono::hours(24));
  [[nodiscard]] std::string file() const { return (directory_ / (name_ + ".pem")).string(); }

 private:
  std::filesystem::path directory_;
  std::string name_;
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<x509_st> certificate_;
  long serial_ = 1;
};

/// A port of 127.0.0.1 that was free a moment ago.
[[nodiscard]] unsigned free_tcp_port();

}  // namespace busrt_testing
