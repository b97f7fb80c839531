// A session under access rules: who it is to them, what they deny it, and what becomes of it when they
// change.
#include <string>
#include <utility>
#include <vector>

#include "broker/access_identity.hpp"
#include "broker/session.hpp"
#include "broker/shard.hpp"

namespace busrt::broker {

namespace {

/// Bytes of a target that the log shows.
constexpr std::size_t max_shown_bytes = 128;

std::string shown(std::string_view target) {
  if (target.size() <= max_shown_bytes) return std::string(target);
  return std::string(target.substr(0, max_shown_bytes)) + "...";
}

std::string who(const Endpoint& endpoint) {
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

Result<> Session::find_access(const Endpoint& endpoint) {
  access_.reset();
  charge_access();
  if (const auto subject = revoked_subject(endpoint.peer, shard_.revocations()))
    return fail(errc::access, "its certificate" + *subject + " has been revoked");
  const auto& rules = shard_.access();
  if (!rules || !under_rules(endpoint.peer)) return {};
  const AccessClient client = access_client(endpoint.name, endpoint.peer);
  const AccessEntry* entry = applying_entry(*rules, client);
  // A fifo stays where no entry is for it: a script would write into a plain file in its place.
  if (entry == nullptr && endpoint.peer.speaks_as) entry = &no_grants();
  if (entry == nullptr) {
    return fail(errc::access, decide(*rules, client, AccessOperation::connect, {}).describe(*rules));
  }
  access_ = std::make_unique<access::ClientAccess>(rules, *entry);
  return {};
}

void Session::apply_access() {
  serve([this] { take_up_access(); });
}

void Session::take_up_access() {
  if (!registered_ || closing()) return;
  if (const Result<> admitted = find_access(*endpoint_); !admitted) {
    detail_ = admitted.error().message;
    close(CloseReason::access_revoked);
    return;
  }
  if (!access_) return;
  Core& core = shard_.core();
  const std::vector<std::string> held = core.registry.subscriptions(endpoint_);
  std::vector<std::string_view> revoked;
  std::string names;
  for (const std::string& pattern : held) {
    if (access_->ask(AccessOperation::subscribe, pattern).allowed) continue;
    revoked.emplace_back(pattern);
    names += (names.empty() ? "" : ", ") + shown(pattern);
  }
  charge_access();
  if (revoked.empty()) return;
  core.registry.unsubscribe(endpoint_, revoked);
  Counters::count(core.counters.subscriptions_revoked, revoked.size());
  core.peer_log.write(
      LineCause::revocation, base::LogLevel::warn,
      who(*endpoint_) + " lost subscriptions that " + shard_.access()->file + " does not grant: " + names);
}

bool Session::denied(AccessOperation operation, std::string_view target) {
  const auto answer = access_->ask(operation, target);
  if (answer.fresh) {
    charge_access();
    shard_.turn().spend(limits::lookup_steps + access_->grants(operation));
  }
  if (answer.allowed) return false;
  endpoint_->traffic.denied.add(1);
  // A target that was denied before is no news; the counters go on.
  if (!answer.fresh) return true;
  shard_.core().peer_log.write(LineCause::denial, base::LogLevel::warn, [&] {
    const auto& rules = shard_.access();
    const AccessDecision decision =
        decide(*rules, access_client(endpoint_->name, endpoint_->peer), operation, target);
    return who(*endpoint_) + ": " + std::string(to_string(operation)) + " \"" + shown(target) + "\" " +
           decision.describe(*rules);
  });
  return true;
}

void Session::charge_access() {
  const std::size_t now = access_ ? access_->bytes() : 0;
  account_->subtract(access_charged_);
  account_->add(now);
  access_charged_ = now;
}

bool Session::data_denied(const wire::Request& request) {
  AccessOperation operation = AccessOperation::publish;
  if (request.op == Op::message) operation = AccessOperation::message;
  if (request.op == Op::broadcast) operation = AccessOperation::broadcast;
  if (!denied(operation, request.target)) return false;
  refuse_access(request);
  return true;
}

}  // namespace busrt::broker
