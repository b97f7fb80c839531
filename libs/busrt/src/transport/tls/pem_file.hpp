// The PEM files that TlsFiles names. OpenSSL opens no file by its name: it would wait for a fifo, and the
// file that is opened could be another one than was checked.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "busrt/error.hpp"

struct bio_st;

namespace busrt::transport {

/// The text of one file, wiped from memory at the end, because it may hold a key.
class PemFile {
 public:
  using Reader = std::unique_ptr<bio_st, int (*)(bio_st*)>;

  /// Reads a regular file that no other user can change, of at most limits::tls_file_bytes. Never waits.
  /// Errors: errc::access, errc::tls or the system's code, with a sentence that names `field` and the path.
  [[nodiscard]] static Result<PemFile> read(std::string_view field, const std::string& path);

  /// OpenSSL's reader of the text, from its beginning. It must not outlive this.
  [[nodiscard]] Reader reader() const;
  /// "FIELD PATH: " and OpenSSL's last reason, whose queue of errors is then empty.
  [[nodiscard]] Error openssl_fault() const;
  /// "FIELD PATH: " and the sentence.
  [[nodiscard]] Error fault(std::string_view sentence) const;

  PemFile(PemFile&&) noexcept = default;
  PemFile& operator=(PemFile&&) = delete;
  ~PemFile();

 private:
  PemFile(std::string name, std::string text) : name_(std::move(name)), text_(std::move(text)) {}

  std::string name_;
  std::string text_;
};

/// True where OpenSSL found nothing more of what it looked for, which ends a file that has been read whole.
[[nodiscard]] bool at_end_of_pem();

/// The password of an encrypted key: none, so that such a key is an error and not a question on the terminal.
int no_password(char* buffer, int size, int writing, void* user);

}  // namespace busrt::transport
