// Lists of the certificates that an authority has revoked before their time (RFC 5280, section 5).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "busrt/error.hpp"

struct ssl_ctx_st;
struct stack_st_X509;
struct X509_crl_st;

namespace busrt::transport {

/// Immutable and thread-safe.
class Revocations {
 public:
  using List = std::shared_ptr<X509_crl_st>;

  /// A PEM file with one list or several. errc::tls (or the system's code), naming the file and the reason.
  [[nodiscard]] static Result<std::shared_ptr<const Revocations>> load(const std::string& path);

  /// From now on a handshake needs a list in force from the authority of each certificate in the peer's
  /// chain, and fails where a list names one of them.
  [[nodiscard]] Result<> use_in(ssl_ctx_st& context) const;

  /// The subject of the first certificate of a verified chain that a list names. A list's dates and signature
  /// are not looked at: they decide whether a handshake succeeds, and this is for connections that are there.
  [[nodiscard]] std::optional<std::string> find_revoked(const stack_st_X509& chain) const;

  explicit Revocations(std::vector<List> lists) : lists_(std::move(lists)) {}

 private:
  const std::vector<List> lists_;
};

}  // namespace busrt::transport
