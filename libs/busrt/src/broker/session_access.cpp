#include "broker/session_access.hpp"

#include <optional>
#include <utility>

#include "broker/access_identity.hpp"
#include "broker/shown_text.hpp"
#include "busrt/limits.hpp"

namespace busrt::broker {

namespace {

std::string client_words(const Endpoint& endpoint) {
  std::string text = "client " + endpoint.name;
  if (endpoint.peer.pid) text += " (pid " + std::to_string(*endpoint.peer.pid) + ")";
  return text;
}

const AccessEntry& no_grants() {
  static const AccessEntry none;
  return none;
}

/// Of the certificate in the peer's chain that was revoked after the handshake had verified it.
std::optional<std::string> revoked_subject(const transport::Peer& peer,
                                           const std::shared_ptr<const transport::Revocations>& revocations) {
  if (!peer.certificate || !revocations) return std::nullopt;
  return revocations->find_revoked(*peer.certificate->chain);
}

}  // namespace

Result<> SessionAccess::admit(const Endpoint& endpoint) {
  entry_.reset();
  charge();
  if (const auto subject = revoked_subject(endpoint.peer, rules_.revocations()))
    return fail(errc::access, "its certificate" + *subject + " has been revoked");
  const auto& rules = rules_.rules();
  if (!rules || !under_rules(endpoint.peer)) return {};
  const AccessClient client = access_client(endpoint.name, endpoint.peer);
  const AccessEntry* entry = applying_entry(*rules, client);
  // A fifo stays where no entry is for it: a script would write into a plain file in its place.
  if (entry == nullptr && endpoint.peer.speaks_as) entry = &no_grants();
  if (entry == nullptr) {
    return fail(errc::access, decide(*rules, client, AccessOperation::connect, {}).describe(*rules));
  }
  entry_ = std::make_unique<access::ClientAccess>(rules, *entry);
  return {};
}

bool SessionAccess::denies(Endpoint& endpoint, AccessOperation operation, std::string_view target) {
  const auto answer = entry_->ask(operation, target);
  if (answer.fresh) {
    charge();
    turn_.spend(limits::lookup_steps + entry_->grants(operation));
  }
  if (answer.allowed) return false;
  endpoint.traffic.denied.add(1);
  // A target that was denied before is no news; the counters go on.
  if (!answer.fresh) return true;
  log_.write(LineCause::denial, base::LogLevel::warn, [&] {
    const auto& rules = rules_.rules();
    const AccessDecision decision =
        decide(*rules, access_client(endpoint.name, endpoint.peer), operation, target);
    return client_words(endpoint) + ": " + std::string(to_string(operation)) + " \"" + shown_text(target) +
           "\" " + decision.describe(*rules);
  });
  return true;
}

std::vector<std::string_view> SessionAccess::revoked(const std::vector<std::string>& subscriptions) {
  std::vector<std::string_view> revoked;
  for (const std::string& pattern : subscriptions) {
    if (!entry_->ask(AccessOperation::subscribe, pattern).allowed) revoked.emplace_back(pattern);
  }
  charge();
  return revoked;
}

void SessionAccess::log_revoked(const Endpoint& endpoint, const std::vector<std::string_view>& patterns) {
  std::string names;
  for (const std::string_view pattern : patterns) names += (names.empty() ? "" : ", ") + shown_text(pattern);
  log_.write(LineCause::revocation, base::LogLevel::warn,
             client_words(endpoint) + " lost subscriptions that " + rules_.rules()->file +
                 " does not grant: " + names);
}

void SessionAccess::charge() {
  const std::size_t now = entry_ ? entry_->bytes() : 0;
  account_.subtract(charged_);
  account_.add(now);
  charged_ = now;
}

}  // namespace busrt::broker
