// What tests of a Windows build do not ask for: certificates, which take OpenSSL, and TCP.
#include <stdexcept>

#include "busrt_testing/certificates.hpp"

namespace busrt_testing {

CertificateAuthority::CertificateAuthority(std::filesystem::path directory, const std::string& name)
    : directory_(std::move(directory)), name_(name) {
  throw std::runtime_error("there are no certificates in a Windows build");
}

busrt::TlsFiles CertificateAuthority::issue(const std::string& /*stem*/, const CertificateOrder& /*order*/) {
  throw std::runtime_error("there are no certificates in a Windows build");
}

unsigned free_tcp_port() {
  throw std::runtime_error("there is no TCP in a Windows build");
}

}  // namespace busrt_testing
