// One TLS connection without its socket: plain bytes on one side, and whatever carries the encrypted ones on
// the other. Broker and client share it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "busrt/error.hpp"
#include "transport/io_result.hpp"
#include "transport/stream.hpp"
#include "transport/tls/tls_context.hpp"

struct ssl_st;

namespace busrt::transport {

/// The encrypted side: what a non-blocking socket would do. `failed` and `closed` end the connection.
class EncryptedBytes {
 public:
  virtual ~EncryptedBytes() = default;
  [[nodiscard]] virtual IoResult read_encrypted(std::span<std::byte> room) = 0;
  [[nodiscard]] virtual IoResult write_encrypted(std::span<const std::byte> bytes) = 0;
};

/// Whose certificate a server asks for, and what the client expects of the broker's.
struct TlsPeerRules {
  enum class ClientCertificate : std::uint8_t { required, optional, none };
  ClientCertificate client_certificate = ClientCertificate::required;  ///< servers
  std::string server_name{};  ///< clients: a host name or an IP address
};

/// Sets a new session's role, and what it asks of its peer.
void apply_rules(ssl_st* session, TlsRole role, const TlsPeerRules& rules);
/// The peer's certificate, once the handshake has verified it; nothing when it showed none.
[[nodiscard]] std::optional<PeerCertificate> verified_certificate(const ssl_st* session);

/// Not thread-safe.
class TlsChannel {
 public:
  /// What has to happen before the call can be made again, or how it ended. A write that could not be done
  /// is made again with the same bytes in front.
  enum class Status : std::uint8_t { ok, wants_read, wants_write, closed, failed };
  struct Outcome {
    Status status = Status::ok;
    std::size_t bytes = 0;
  };

  /// `bytes` outlives the channel.
  TlsChannel(std::shared_ptr<const TlsContext> context, const TlsPeerRules& rules, EncryptedBytes& bytes);

  /// Until it says ok there is nothing to read or write.
  [[nodiscard]] Outcome handshake();
  [[nodiscard]] bool established() const noexcept { return established_; }

  [[nodiscard]] Outcome read(std::span<std::byte> room);
  /// At most one record's worth is taken at a time, whole or not at all.
  [[nodiscard]] Outcome write(std::span<const std::byte> bytes);
  /// Tells the peer that nothing more comes, if it takes it at once.
  void say_goodbye();

  /// Why the last call failed.
  [[nodiscard]] const Error& error() const noexcept { return error_; }
  [[nodiscard]] std::optional<PeerCertificate> peer_certificate() const {
    return verified_certificate(session_.get());
  }

  static constexpr std::size_t record_bytes = 16384;

  // For OpenSSL's callbacks.
  [[nodiscard]] IoResult pull(std::span<std::byte> room);
  [[nodiscard]] IoResult push(std::span<const std::byte> bytes) {
    return noted(bytes_->write_encrypted(bytes));
  }

 private:
  [[nodiscard]] Outcome outcome_of(int result, bool& broken);
  /// OpenSSL tells a peer that has gone and a failure of the system by the same code.
  IoResult noted(IoResult result) noexcept {
    if (result.status == IoResult::Status::failed) system_error_ = result.error;
    return result;
  }

  const std::shared_ptr<const TlsContext> context_;
  EncryptedBytes* const bytes_;
  std::unique_ptr<ssl_st, void (*)(ssl_st*)> session_;
  Error error_{errc::tls};
  std::size_t handshake_bytes_ = 0;
  int system_error_ = 0;  // errno of the bytes below, once they have failed
  bool too_long_ = false;
  bool established_ = false;
  bool read_broken_ = false;
  bool write_broken_ = false;  // alone, when the peer has closed: what it sent before can still be read
};

}  // namespace busrt::transport
