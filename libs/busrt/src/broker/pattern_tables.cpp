#include "broker/pattern_tables.hpp"

#include <utility>

#include "broker/grow.hpp"
#include "busrt/limits.hpp"
#include "routing/pattern.hpp"

namespace busrt::broker {

namespace {

std::size_t pattern_cost(std::string_view pattern) noexcept {
  return limits::pattern_overhead_bytes + routing::meaning_of(pattern).size() +
         limits::pattern_segment_bytes * (routing::trie_segments(pattern) - 1);
}

void charge_pattern(Endpoint& endpoint, std::string_view pattern) noexcept {
  const std::size_t cost = pattern_cost(pattern);
  ++endpoint.patterns;
  endpoint.pattern_bytes += cost;
  endpoint.account->add(cost);
}

void release_pattern(Endpoint& endpoint, std::string_view pattern) noexcept {
  const std::size_t cost = pattern_cost(pattern);
  --endpoint.patterns;
  endpoint.pattern_bytes -= cost;
  endpoint.account->subtract(cost);
}

/// For a client that has none any more.
void release_patterns(Endpoint& endpoint) noexcept {
  endpoint.account->subtract(std::exchange(endpoint.pattern_bytes, 0));
  endpoint.patterns = 0;
}

}  // namespace

PatternTables::~PatternTables() {
  for (const EndpointRef& endpoint : departed_) release_patterns(*endpoint);
}

void PatternTables::reserve(std::size_t clients) {
  grow(departed_, clients);
}

/// Whether the client may keep the pattern that it has just been given.
PatternRefusal PatternTables::refusal_of(const Endpoint& endpoint) const {
  if (endpoint.patterns >= max_patterns_) return PatternRefusal::too_many;
  if (subscriptions_.shapes_of(endpoint.id) + exclusions_.shapes_of(endpoint.id) > limits::client_shapes) {
    return PatternRefusal::client_shapes;
  }
  if (subscriptions_.shapes() + exclusions_.shapes() > limits::all_shapes) return PatternRefusal::all_shapes;
  return PatternRefusal::none;
}

PatternChange PatternTables::add(routing::SubscriptionTable& table, Endpoint& endpoint,
                                 std::span<const std::string_view> patterns) {
  PatternChange result;
  for (const std::string_view pattern : patterns) {
    if (!table.subscribe(endpoint.id, pattern)) continue;
    result.refusal = refusal_of(endpoint);
    if (result.refusal != PatternRefusal::none) {
      table.unsubscribe(endpoint.id, pattern);
      break;
    }
    charge_pattern(endpoint, pattern);
    result.changed = true;
  }
  return result;
}

bool PatternTables::take(routing::SubscriptionTable& table, Endpoint& endpoint,
                         std::span<const std::string_view> patterns) {
  bool changed = false;
  for (const std::string_view pattern : patterns) {
    if (!table.unsubscribe(endpoint.id, pattern)) continue;
    release_pattern(endpoint, pattern);
    changed = true;
  }
  return changed;
}

void PatternTables::grant(Endpoint& endpoint, std::string_view pattern) {
  if (subscriptions_.subscribe(endpoint.id, pattern)) charge_pattern(endpoint, pattern);
}

/// True if the client has no patterns left.
bool PatternTables::clear(Endpoint& endpoint, std::size_t& steps) {
  if (!subscriptions_.remove_some(endpoint.id, steps) || !exclusions_.remove_some(endpoint.id, steps))
    return false;
  release_patterns(endpoint);
  return true;
}

bool PatternTables::remove(const EndpointRef& endpoint, std::size_t& steps) {
  if (clear(*endpoint, steps)) return true;
  departed_.push_back(endpoint);
  has_departed_.store(true, std::memory_order_relaxed);
  return false;
}

std::size_t PatternTables::match(std::string_view topic,
                                 std::vector<routing::SubscriberId>& receivers) const {
  receivers.clear();
  std::size_t steps = subscriptions_.match(topic, receivers);
  if (receivers.empty()) return steps;
  excluded_.clear();
  steps += exclusions_.match(topic, excluded_);
  auto excluded = excluded_.cbegin();  // both in ascending order
  std::erase_if(receivers, [&](routing::SubscriberId id) {
    while (excluded != excluded_.cend() && *excluded < id) ++excluded;
    return excluded != excluded_.cend() && *excluded == id;
  });
  return steps;
}

}  // namespace busrt::broker
