// One session under the access rules: which entry applies to its client, and what that entry denies.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "access/client_access.hpp"
#include "broker/endpoint.hpp"
#include "broker/memory.hpp"
#include "broker/peer_log.hpp"
#include "broker/rules_in_force.hpp"
#include "broker/turn.hpp"
#include "busrt/access.hpp"
#include "busrt/error.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. What it remembers is charged to the account. All that is given by reference
/// must outlive it.
class SessionAccess {
 public:
  SessionAccess(const RulesInForce& rules, Turn& turn, PeerLog& log, MemoryAccount& account) noexcept
      : rules_(rules), turn_(turn), log_(log), account_(account) {}
  ~SessionAccess() { account_.subtract(charged_); }
  SessionAccess(const SessionAccess&) = delete;
  SessionAccess& operator=(const SessionAccess&) = delete;

  /// Looks for the client's entry in the rules in force. errc::access if the client may not connect: no entry
  /// applies, or its certificate has been revoked.
  [[nodiscard]] Result<> admit(const Endpoint& endpoint);
  /// True if the client is under no rules: everything is allowed.
  [[nodiscard]] bool unrestricted() const noexcept { return entry_ == nullptr; }
  /// True if the client's entry denies the operation, which is then counted, and logged if it is new. Only
  /// for a client under rules.
  [[nodiscard]] bool denies(Endpoint& endpoint, AccessOperation operation, std::string_view target);
  /// Returns those of the client's subscriptions that its entry does not grant. Only for a client under
  /// rules.
  [[nodiscard]] std::vector<std::string_view> revoked(const std::vector<std::string>& subscriptions);
  /// Logs which subscriptions new rules have taken from the client.
  void log_revoked(const Endpoint& endpoint, const std::vector<std::string_view>& patterns);

 private:
  void charge();

  const RulesInForce& rules_;
  Turn& turn_;
  PeerLog& log_;
  MemoryAccount& account_;
  std::unique_ptr<access::ClientAccess> entry_;  // null: everything is allowed
  std::size_t charged_ = 0;
};

}  // namespace busrt::broker
