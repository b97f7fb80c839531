#include "broker/registry.hpp"

#include <unistd.h>

#include <algorithm>
#include <new>
#include <utility>

#include "routing/pattern.hpp"

namespace busrt::broker {

namespace {

/// Whether the kernel says that the client is this process. One inside the broker's own is the broker's.
bool is_process(const Endpoint& endpoint, int pid) {
  if (endpoint.peer.kind == transport::StreamKind::internal) return pid == ::getpid();
  return endpoint.peer.pid == pid;
}

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

/// `Sum` has the fields of BrokerStats.
template <class Sum>
void add_traffic(const Traffic& traffic, Sum& sum) noexcept {
  sum.frames_in += traffic.frames_in.get();
  sum.bytes_in += traffic.bytes_in.get();
  sum.frames_out += traffic.frames_out.get();
  sum.bytes_out += traffic.bytes_out.get();
  sum.denied += traffic.denied.get();
  for (std::size_t cause = 0; cause < loss_causes; ++cause) sum.lost[cause] += traffic.lost[cause].get();
}

/// For a client that has none any more.
void release_patterns(Endpoint& endpoint) noexcept {
  endpoint.account->subtract(std::exchange(endpoint.pattern_bytes, 0));
  endpoint.patterns = 0;
}

}  // namespace

Registry::~Registry() {
  for (const EndpointRef& endpoint : departed_) release_patterns(*endpoint);
}

std::vector<EndpointRef> Registry::secondaries_locked(std::string_view primary) const {
  std::vector<EndpointRef> found;
  for (const auto& [name, endpoint] : names_) {
    if (!endpoint->is_primary() && endpoint->primary() == primary) found.push_back(endpoint);
  }
  return found;
}

Result<Registry::Registered> Registry::add(const EndpointRef& endpoint, bool force) {
  const std::lock_guard lock(mutex_);
  if (const auto bound = bound_.find(endpoint->primary());
      bound != bound_.end() && !is_process(*endpoint, bound->second)) {
    return fail(errc::access, "the name " + bound->first + " is bound to another process");
  }
  Registered result;
  reserve_for_one_more_locked();
  EndpointRef primary;
  if (!endpoint->is_primary()) {
    const auto found = names_.find(endpoint->primary());
    if (found == names_.end()) {
      return fail(errc::not_registered, "the primary of " + endpoint->name + " is not registered");
    }
    primary = found->second;
  }
  if (const auto taken = names_.find(endpoint->name); taken != names_.end()) {
    // Only a primary may be displaced: a secondary's name is made up by its own client.
    if (!force || !endpoint->is_primary())
      return fail(errc::busy, "the name " + endpoint->name + " is taken");
    result.displaced = secondaries_locked(endpoint->name);
    result.displaced.push_back(taken->second);
    std::size_t steps = limits::sweep_steps;
    for (const EndpointRef& old : result.displaced) remove_locked(old, steps);
  }
  names_.emplace(endpoint->name, endpoint);
  endpoint->id = free_slots_.back();
  free_slots_.pop_back();
  slots_[endpoint->id] = endpoint;
  endpoint->registered = true;
  if (primary) ++primary->secondaries;
  try {
    name_tree_.insert(endpoint->name, endpoint->id);
    if (subscriptions_.subscribe(endpoint->id, broker_warn_topic))
      charge_pattern(*endpoint, broker_warn_topic);
  } catch (...) {
    std::size_t steps = limits::sweep_steps;
    remove_locked(endpoint, steps);
    std::erase(unlisted_, endpoint);
    throw;
  }
  bump();
  return result;
}

/// Everything that a departure will need, so that it cannot fail for want of memory.
void Registry::reserve_for_one_more_locked() {
  const auto grow = [](auto& list, std::size_t size) {
    if (list.capacity() < size) list.reserve(std::max(size, list.capacity() * 2));
  };
  if (free_slots_.empty()) {
    slots_.push_back(nullptr);
    try {
      grow(free_slots_, slots_.size());
    } catch (...) {
      slots_.pop_back();
      throw;
    }
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  grow(unlisted_, unlisted_.size() + names_.size() + 1);
  grow(departed_, slots_.size());
}

/// `steps` is what may be spent on its patterns; where that is not enough, sweep() takes the others.
void Registry::remove_locked(const EndpointRef& endpoint, std::size_t& steps) {
  if (!std::exchange(endpoint->registered, false)) return;
  name_tree_.erase(endpoint->name);
  names_.erase(names_.find(std::string_view(endpoint->name)));
  unlisted_.push_back(endpoint);
  slots_[endpoint->id] = nullptr;
  if (clear_patterns_locked(*endpoint, steps)) {
    free_slot_locked(endpoint);
  } else {
    departed_.push_back(endpoint);
    has_departed_.store(true, std::memory_order_relaxed);
  }
  if (!endpoint->is_primary()) {
    if (const auto primary = names_.find(endpoint->primary()); primary != names_.end())
      --primary->second->secondaries;
  }
  bump();
}

/// True when the client has no patterns left.
bool Registry::clear_patterns_locked(const Endpoint& endpoint, std::size_t& steps) {
  return subscriptions_.remove_some(endpoint.id, steps) && exclusions_.remove_some(endpoint.id, steps);
}

void Registry::free_slot_locked(const EndpointRef& endpoint) {
  release_patterns(*endpoint);
  free_slots_.push_back(endpoint->id);
}

bool Registry::sweep() {
  const std::lock_guard lock(mutex_);
  std::size_t steps = limits::sweep_steps;
  while (!departed_.empty() && clear_patterns_locked(*departed_.back(), steps)) {
    free_slot_locked(departed_.back());
    departed_.pop_back();
  }
  has_departed_.store(!departed_.empty(), std::memory_order_relaxed);
  return !departed_.empty();
}

Registry::Relief Registry::relieve(std::uint64_t wanted) {
  Relief relief;
  std::vector<std::pair<std::uint64_t, EndpointRef>> holders;
  const auto less = [](const auto& one, const auto& other) { return one.first < other.first; };
  const std::lock_guard lock(mutex_);
  for (const auto& [name, endpoint] : names_) {
    if (endpoint->closed.load(std::memory_order_relaxed)) {
      relief.bytes += endpoint->account->used();
    } else if (endpoint->account->beyond_connection() >= limits::relief_bytes) {
      holders.emplace_back(endpoint->account->used(), endpoint);
    }
  }
  std::ranges::make_heap(holders, less);
  while (relief.bytes < wanted && !holders.empty()) {
    std::ranges::pop_heap(holders, less);
    auto& [bytes, endpoint] = holders.back();
    // At once, since another shard's session closes only later and must not be chosen again.
    endpoint->closed.store(true, std::memory_order_release);
    relief.bytes += bytes;
    relief.clients.push_back(std::move(endpoint));
    holders.pop_back();
  }
  return relief;
}

std::vector<EndpointRef> Registry::remove(const EndpointRef& endpoint, bool& was_registered) {
  const std::lock_guard lock(mutex_);
  was_registered = endpoint->registered;
  if (!was_registered) return {};
  std::vector<EndpointRef> orphans;
  try {
    if (endpoint->secondaries != 0) orphans = secondaries_locked(endpoint->name);
  } catch (const std::bad_alloc&) {
    // They outlive their primary: what has ended must go in any case.
  }
  std::size_t steps = limits::sweep_steps;
  for (const EndpointRef& orphan : orphans) remove_locked(orphan, steps);
  remove_locked(endpoint, steps);
  return orphans;
}

std::vector<EndpointRef> Registry::bind(std::string_view name, int pid) {
  const std::lock_guard lock(mutex_);
  bound_.insert_or_assign(std::string(name), pid);
  std::vector<EndpointRef> barred = secondaries_locked(name);
  if (const auto holder = names_.find(name); holder != names_.end()) barred.push_back(holder->second);
  std::erase_if(barred, [pid](const EndpointRef& endpoint) { return is_process(*endpoint, pid); });
  return barred;
}

void Registry::unbind(std::string_view name) {
  const std::lock_guard lock(mutex_);
  if (const auto bound = bound_.find(name); bound != bound_.end()) bound_.erase(bound);
}

/// Whether the client may keep the pattern that it has just been given.
PatternRefusal Registry::refusal_locked(const Endpoint& endpoint) const {
  if (endpoint.patterns >= max_patterns_) return PatternRefusal::too_many;
  if (subscriptions_.shapes_of(endpoint.id) + exclusions_.shapes_of(endpoint.id) > limits::client_shapes) {
    return PatternRefusal::client_shapes;
  }
  if (subscriptions_.shapes() + exclusions_.shapes() > limits::all_shapes) return PatternRefusal::all_shapes;
  return PatternRefusal::none;
}

PatternRefusal Registry::add_locked(routing::SubscriptionTable& table, const EndpointRef& endpoint,
                                    std::span<const std::string_view> patterns) {
  if (!endpoint->registered) return PatternRefusal::none;
  PatternRefusal refusal = PatternRefusal::none;
  bool changed = false;
  for (const std::string_view pattern : patterns) {
    if (!table.subscribe(endpoint->id, pattern)) continue;
    refusal = refusal_locked(*endpoint);
    if (refusal != PatternRefusal::none) {
      table.unsubscribe(endpoint->id, pattern);
      break;
    }
    charge_pattern(*endpoint, pattern);
    changed = true;
  }
  if (changed) bump();
  return refusal;
}

void Registry::take_locked(routing::SubscriptionTable& table, const EndpointRef& endpoint,
                           std::span<const std::string_view> patterns) {
  if (!endpoint->registered) return;
  bool changed = false;
  for (const std::string_view pattern : patterns) {
    if (!table.unsubscribe(endpoint->id, pattern)) continue;
    release_pattern(*endpoint, pattern);
    changed = true;
  }
  if (changed) bump();
}

PatternRefusal Registry::subscribe(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  return add_locked(subscriptions_, endpoint, patterns);
}

void Registry::unsubscribe(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  take_locked(subscriptions_, endpoint, patterns);
}

PatternRefusal Registry::exclude(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  return add_locked(exclusions_, endpoint, patterns);
}

void Registry::unexclude(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  take_locked(exclusions_, endpoint, patterns);
}

std::vector<std::string> Registry::subscriptions(const EndpointRef& endpoint) const {
  const std::lock_guard lock(mutex_);
  return endpoint->registered ? subscriptions_.pattern_texts(endpoint->id) : std::vector<std::string>();
}

std::size_t Registry::topic_receivers(std::string_view topic, std::vector<EndpointRef>& found) const {
  const std::lock_guard lock(mutex_);
  matched_.clear();
  excluded_.clear();
  std::size_t steps = subscriptions_.match(topic, matched_);
  if (!matched_.empty()) steps += exclusions_.match(topic, excluded_);
  found.reserve(found.size() + matched_.size());
  auto excluded = excluded_.cbegin();  // both in ascending order
  for (const routing::SubscriberId id : matched_) {
    while (excluded != excluded_.cend() && *excluded < id) ++excluded;
    if (excluded != excluded_.cend() && *excluded == id) continue;
    if (slots_[id] != nullptr) found.push_back(slots_[id]);  // else it has left, and is not swept yet
  }
  return steps;
}

EndpointRef Registry::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

std::size_t Registry::mask_receivers(std::string_view mask, std::vector<EndpointRef>& found) const {
  const std::lock_guard lock(mutex_);
  matched_.clear();
  const std::size_t steps = name_tree_.match(mask, matched_);
  found.reserve(found.size() + matched_.size());
  for (const routing::SubscriberId id : matched_) found.push_back(slots_[id]);
  return steps;
}

std::vector<EndpointRef> Registry::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<EndpointRef> endpoints;
  endpoints.reserve(names_.size());
  for (const auto& [name, endpoint] : names_) endpoints.push_back(endpoint);
  return endpoints;
}

std::vector<ClientInfo> Registry::list() const {
  std::vector<ClientInfo> clients;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, endpoint] : names_) {
      if (!endpoint->is_primary()) continue;
      ClientInfo info;
      info.name = name;
      switch (endpoint->peer.kind) {
        case transport::StreamKind::internal:
          info.kind = "internal";
          break;
        case transport::StreamKind::local_ipc:
          info.kind = "local_ipc";
          break;
        case transport::StreamKind::tcp:
          info.kind = "tcp";
          break;
        case transport::StreamKind::websocket:
          info.kind = "websocket";
          break;
      }
      info.source = endpoint->peer.source;
      info.port = endpoint->peer.port;
      info.frames_in = endpoint->traffic.frames_in.get();
      info.bytes_in = endpoint->traffic.bytes_in.get();
      info.frames_out = endpoint->traffic.frames_out.get();
      info.bytes_out = endpoint->traffic.bytes_out.get();
      for (std::size_t cause = 0; cause < loss_causes; ++cause)
        info.lost[cause] = endpoint->traffic.lost[cause].get();
      info.holds = endpoint->traffic.holds.get();
      info.memory_bytes = endpoint->account->used();
      info.pid = endpoint->peer.pid;
      info.uid = endpoint->peer.uid;
      info.denied = endpoint->traffic.denied.get();
      info.queue = endpoint->depth.frames();
      info.instances = endpoint->secondaries + 1;
      clients.push_back(std::move(info));
    }
  }
  std::ranges::sort(clients, {}, &ClientInfo::name);
  return clients;
}

void Registry::sum_traffic(BrokerStats& into) const {
  const std::lock_guard lock(mutex_);
  into.frames_in = retired_.frames_in;
  into.bytes_in = retired_.bytes_in;
  into.frames_out = retired_.frames_out;
  into.bytes_out = retired_.bytes_out;
  std::ranges::copy(retired_.lost, std::begin(into.lost));
  into.denied = retired_.denied;
  into.clients = names_.size();
  for (const auto& [name, endpoint] : names_) add_traffic(endpoint->traffic, into);
  for (const EndpointRef& endpoint : unlisted_) add_traffic(endpoint->traffic, into);
}

void Registry::retire(const EndpointRef& endpoint) {
  const std::lock_guard lock(mutex_);
  std::erase(unlisted_, endpoint);
  add_traffic(endpoint->traffic, retired_);
}

void Registry::add_unlisted(const EndpointRef& endpoint) {
  const std::lock_guard lock(mutex_);
  unlisted_.push_back(endpoint);
}

}  // namespace busrt::broker
