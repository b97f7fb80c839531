// Certificates, keys and the rules of TLS, read from files once and shared by many connections.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "busrt/error.hpp"
#include "busrt/tls.hpp"
#include "transport/tls/revocations.hpp"

struct ssl_ctx_st;
struct x509_st;

namespace busrt::transport {

enum class TlsRole : std::uint8_t { client, server };

/// Immutable and thread-safe. TLS 1.3, at least 1.2; no renegotiation and no resumption, so that every
/// connection checks the whole chain.
class TlsContext {
 public:
  /// A server needs certificate and key; a client without them shows none, and without an authority trusts
  /// those of the system. errc::tls (or the system's code), naming the field, the file and the reason.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> load(TlsRole role, const TlsFiles& files);

  [[nodiscard]] ssl_ctx_st* native() const noexcept { return context_.get(); }
  [[nodiscard]] TlsRole role() const noexcept { return role_; }
  /// A server: whether it has an authority to check its clients' certificates by.
  [[nodiscard]] bool has_authority() const noexcept { return has_authority_; }

  /// Null without a file of them.
  [[nodiscard]] const std::shared_ptr<const Revocations>& revocations() const noexcept {
    return revocations_;
  }

  TlsContext(TlsRole role, bool has_authority, std::shared_ptr<ssl_ctx_st> context,
             std::shared_ptr<const Revocations> revocations)
      : role_(role),
        has_authority_(has_authority),
        context_(std::move(context)),
        revocations_(std::move(revocations)) {}

 private:
  const TlsRole role_;
  const bool has_authority_;
  const std::shared_ptr<ssl_ctx_st> context_;
  const std::shared_ptr<const Revocations> revocations_;
};

/// A server's certificates, which can be replaced while connections come. Thread-safe.
class TlsServer {
 public:
  explicit TlsServer(TlsFiles files) : files_(std::move(files)) {}

  /// Reads the files again. On an error what was there stays.
  [[nodiscard]] Result<> reload();
  /// For the next connection; null before the first successful reload().
  [[nodiscard]] std::shared_ptr<const TlsContext> current() const;

 private:
  const TlsFiles files_;
  mutable std::mutex mutex_;
  std::shared_ptr<const TlsContext> context_;
};

/// The one name that a certificate stands for: its subject's common name, else its first DNS name, else its
/// first URI. Empty when it has none, or more than one common name.
[[nodiscard]] std::string certificate_name(const x509_st* certificate);

}  // namespace busrt::transport
