// What the rules say about one client and one target. Plain walks over the entries: callers that ask often
// keep the answers (client_access.hpp).
#include "access/decide.hpp"

#include <algorithm>

#include "busrt/protocol.hpp"
#include "routing/containment.hpp"
#include "routing/pattern.hpp"

namespace busrt {

namespace {

/// The first demand of the entry that the client does not meet, or `allowed`.
AccessVerdict unmet_demand(const AccessEntry& entry, const AccessClient& client) noexcept {
  const auto among = [](const auto& wanted, const auto& found) {
    return wanted.empty() || (found && std::ranges::find(wanted, *found) != wanted.end());
  };
  if (entry.local_host || !entry.hosts.empty()) {
    const auto holds = [&client](const AccessHosts& hosts) { return hosts.contains(*client.host); };
    const bool from_network = client.host && std::ranges::any_of(entry.hosts, holds);
    if (!(entry.local_host && client.local) && !from_network) return AccessVerdict::host;
  }
  if (!among(entry.uids, client.uid)) return AccessVerdict::uid;
  if (!among(entry.gids, client.gid)) return AccessVerdict::gid;
  if (!among(entry.certificates, client.certificate)) return AccessVerdict::certificate;
  return AccessVerdict::allowed;
}

struct Found {
  const AccessEntry* entry = nullptr;  ///< the one that decides
  AccessVerdict verdict = AccessVerdict::no_entry;
};

Found find_entry(const AccessRules& rules, const AccessClient& client) noexcept {
  const std::string_view name = primary_name(client.name);
  Found found;
  for (const AccessEntry& entry : rules.entries) {
    // Alternatives are spelled alike; the first match has chosen the mask.
    if (found.entry == nullptr ? !routing::mask_matches(entry.name, name) : entry.name != found.entry->name) {
      continue;
    }
    const AccessVerdict verdict = unmet_demand(entry, client);
    if (verdict == AccessVerdict::allowed) return {&entry, verdict};
    // Of several refusals the first is told: alternatives further down are the rarer ones.
    if (found.entry == nullptr) found = {&entry, verdict};
  }
  return found;
}

}  // namespace

namespace access {

const AccessGrant* admitting_grant(const AccessEntry& entry, AccessOperation operation,
                                   std::string_view target) noexcept {
  const auto find = [](const std::vector<AccessGrant>& grants, const auto& admits) {
    const auto grant =
        std::ranges::find_if(grants, [&admits](const AccessGrant& one) { return admits(one.pattern); });
    return grant == grants.end() ? nullptr : &*grant;
  };
  switch (operation) {
    case AccessOperation::publish:
      return find(entry.publish,
                  [target](std::string_view grant) { return routing::pattern_matches(grant, target); });
    case AccessOperation::subscribe:
      return find(entry.subscribe,
                  [target](std::string_view grant) { return routing::pattern_contains(grant, target); });
    case AccessOperation::message:
      return find(entry.message, [name = primary_name(target)](std::string_view grant) {
        return routing::mask_matches(grant, name);
      });
    case AccessOperation::broadcast:
      return find(entry.broadcast,
                  [target](std::string_view grant) { return routing::mask_contains(grant, target); });
    case AccessOperation::connect:
      break;
  }
  return nullptr;
}

bool always_granted(AccessOperation operation, std::string_view target) noexcept {
  return operation == AccessOperation::subscribe && target == broker_warn_topic;
}

bool never_granted(AccessOperation operation, std::string_view target) noexcept {
  return operation == AccessOperation::publish && target.starts_with(broker_topics);
}

const char* target_problem(AccessOperation operation, std::string_view target) noexcept {
  if (operation == AccessOperation::connect) return nullptr;
  return operation == AccessOperation::subscribe ? routing::pattern_problem(target)
                                                 : routing::topic_problem(target);
}

}  // namespace access

const AccessEntry* applying_entry(const AccessRules& rules, const AccessClient& client) noexcept {
  const Found found = find_entry(rules, client);
  return found.verdict == AccessVerdict::allowed ? found.entry : nullptr;
}

AccessDecision decide(const AccessRules& rules, const AccessClient& client, AccessOperation operation,
                      std::string_view target) {
  if (access::target_problem(operation, target) != nullptr) return {AccessVerdict::bad_target, 0, {}};
  const Found found = find_entry(rules, client);
  if (found.entry == nullptr) return {found.verdict, 0, {}};
  if (found.verdict != AccessVerdict::allowed || operation == AccessOperation::connect) {
    return {found.verdict, found.entry->line, found.entry->name};
  }
  if (access::never_granted(operation, target)) return {AccessVerdict::reserved, 0, {}};
  if (access::always_granted(operation, target)) {
    return {AccessVerdict::allowed, 0, std::string(broker_warn_topic)};
  }
  if (const AccessGrant* grant = access::admitting_grant(*found.entry, operation, target)) {
    return {AccessVerdict::allowed, grant->line, grant->pattern};
  }
  return {AccessVerdict::not_granted, found.entry->line, found.entry->name};
}

}  // namespace busrt
