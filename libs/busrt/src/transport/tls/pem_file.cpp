#include "transport/tls/pem_file.hpp"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "busrt/base/trusted_file.hpp"
#include "busrt/limits.hpp"
#include "transport/tls/tls_error.hpp"

namespace busrt::transport {

Result<PemFile> PemFile::read(std::string_view field, const std::string& path) {
  std::string name = std::string(field) + " " + path;
  // One byte more than the limit tells a longer file.
  auto text = base::read_trusted_regular_file(path, limits::tls_file_bytes + 1);
  if (!text) {
    const base::Error& error = text.error();
    if (error.message.empty()) return std::unexpected(Error{error.code, name + ": cannot be read"});
    // This sentence begins with the path.
    if (error.code == std::errc::permission_denied)
      return fail(errc::access, std::string(field) + " " + error.message);
    return fail(errc::tls, name + ": " + error.message);
  }
  PemFile file(std::move(name), *std::move(text));
  if (file.text_.size() > limits::tls_file_bytes) {
    return std::unexpected(
        file.fault("it has more than " + std::to_string(limits::tls_file_bytes) + " bytes"));
  }
  return file;
}

PemFile::Reader PemFile::reader() const {
  return {::BIO_new_mem_buf(text_.data(), static_cast<int>(text_.size())), ::BIO_free};
}

Error PemFile::openssl_fault() const {
  return fault(openssl_reason());
}

Error PemFile::fault(std::string_view sentence) const {
  return {errc::tls, name_ + ": " + std::string(sentence)};
}

PemFile::~PemFile() {
  ::OPENSSL_cleanse(text_.data(), text_.size());
}

bool at_end_of_pem() {
  const unsigned long code = ::ERR_peek_last_error();
  return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/) {
  return 0;
}

}  // namespace busrt::transport
