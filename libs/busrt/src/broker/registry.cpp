#include "broker/registry.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "broker/client_info.hpp"
#include "busrt/limits.hpp"

namespace busrt::broker {

Result<Registry::Registered> Registry::add(const EndpointRef& endpoint, bool force) {
  const std::lock_guard lock(mutex_);
  if (!bindings_.admits(*endpoint)) {
    return fail(errc::access,
                "the name " + std::string(endpoint->primary()) + " is bound to another process");
  }
  Registered result;
  reserve_for_one_more_locked();
  EndpointRef primary;
  if (!endpoint->is_primary()) {
    primary = directory_.find(endpoint->primary());
    if (primary == nullptr) {
      return fail(errc::not_registered, "the primary of " + endpoint->name + " is not registered");
    }
  }
  if (auto taken = directory_.find(endpoint->name); taken != nullptr) {
    // Only a primary may be displaced: a secondary's name is made up by its own client.
    if (!force || !endpoint->is_primary())
      return fail(errc::busy, "the name " + endpoint->name + " is taken");
    result.displaced = directory_.secondaries(endpoint->name);
    result.displaced.push_back(std::move(taken));
    std::size_t steps = limits::sweep_steps;
    for (const EndpointRef& old : result.displaced) remove_locked(old, steps);
  }
  directory_.insert(endpoint);
  endpoint->registered = true;
  if (primary) ++primary->secondaries;
  try {
    patterns_.grant(*endpoint, broker_warn_topic);
  } catch (...) {
    std::size_t steps = limits::sweep_steps;
    remove_locked(endpoint, steps);
    books_.drop_unlisted(endpoint);
    throw;
  }
  bump();
  return result;
}

/// Everything that a departure will need, so that it cannot fail for want of memory.
void Registry::reserve_for_one_more_locked() {
  directory_.reserve_for_one_more();
  books_.reserve(books_.unlisted() + directory_.names().size() + 1);
  patterns_.reserve(directory_.numbers());
}

/// `steps` is what may be spent on its patterns; where that is not enough, sweep() takes the others.
void Registry::remove_locked(const EndpointRef& endpoint, std::size_t& steps) {
  if (!std::exchange(endpoint->registered, false)) return;
  directory_.erase(*endpoint);
  books_.add_unlisted(endpoint);
  if (patterns_.remove(endpoint, steps)) directory_.release_number(endpoint->id);
  if (!endpoint->is_primary()) {
    if (const auto primary = directory_.find(endpoint->primary()); primary != nullptr) --primary->secondaries;
  }
  bump();
}

bool Registry::sweep() {
  const std::lock_guard lock(mutex_);
  return patterns_.sweep(limits::sweep_steps,
                         [this](const Endpoint& gone) { directory_.release_number(gone.id); });
}

std::uint64_t Registry::ending_bytes() {
  const std::lock_guard lock(mutex_);
  return broker::ending_bytes(directory_.names());
}

EvictionChoice Registry::choose_evictions(std::uint64_t wanted) {
  const std::lock_guard lock(mutex_);
  return broker::choose_evictions(directory_.names(), wanted);
}

std::vector<EndpointRef> Registry::remove(const EndpointRef& endpoint, bool& was_registered) {
  const std::lock_guard lock(mutex_);
  was_registered = endpoint->registered;
  if (!was_registered) return {};
  std::vector<EndpointRef> secondaries;
  try {
    if (endpoint->secondaries != 0) secondaries = directory_.secondaries(endpoint->name);
  } catch (const std::bad_alloc&) {
    // They outlive their primary: what has ended must go in any case.
  }
  std::size_t steps = limits::sweep_steps;
  for (const EndpointRef& secondary : secondaries) remove_locked(secondary, steps);
  remove_locked(endpoint, steps);
  return secondaries;
}

std::vector<EndpointRef> Registry::bind(std::string_view name, int pid) {
  const std::lock_guard lock(mutex_);
  bindings_.bind(name, pid);
  std::vector<EndpointRef> displaced = directory_.secondaries(name);
  if (auto holder = directory_.find(name); holder != nullptr) displaced.push_back(std::move(holder));
  std::erase_if(displaced, [pid](const EndpointRef& endpoint) { return is_process(*endpoint, pid); });
  return displaced;
}

void Registry::unbind(std::string_view name) {
  const std::lock_guard lock(mutex_);
  bindings_.unbind(name);
}

PatternRefusal Registry::note_locked(PatternChange change) noexcept {
  if (change.changed) bump();
  return change.refusal;
}

PatternRefusal Registry::subscribe(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  return endpoint->registered ? note_locked(patterns_.subscribe(*endpoint, patterns)) : PatternRefusal::none;
}

void Registry::unsubscribe(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  if (endpoint->registered && patterns_.unsubscribe(*endpoint, patterns)) bump();
}

PatternRefusal Registry::exclude(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  return endpoint->registered ? note_locked(patterns_.exclude(*endpoint, patterns)) : PatternRefusal::none;
}

void Registry::unexclude(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  if (endpoint->registered && patterns_.unexclude(*endpoint, patterns)) bump();
}

std::vector<std::string> Registry::subscriptions(const EndpointRef& endpoint) const {
  const std::lock_guard lock(mutex_);
  return endpoint->registered ? patterns_.subscriptions(*endpoint) : std::vector<std::string>();
}

std::size_t Registry::topic_receivers(std::string_view topic, std::vector<EndpointRef>& found) const {
  const std::lock_guard lock(mutex_);
  const std::size_t steps = patterns_.match(topic, matched_);
  found.reserve(found.size() + matched_.size());
  for (const routing::SubscriberId id : matched_) {
    // Null: it has left, and is not swept yet.
    if (const EndpointRef& endpoint = directory_.at(id); endpoint != nullptr) found.push_back(endpoint);
  }
  return steps;
}

EndpointRef Registry::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return directory_.find(name);
}

std::size_t Registry::mask_receivers(std::string_view mask, std::vector<EndpointRef>& found) const {
  const std::lock_guard lock(mutex_);
  matched_.clear();
  const std::size_t steps = directory_.match(mask, matched_);
  found.reserve(found.size() + matched_.size());
  for (const routing::SubscriberId id : matched_) found.push_back(directory_.at(id));
  return steps;
}

std::vector<ClientInfo> Registry::list() const {
  std::vector<ClientInfo> clients;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, endpoint] : directory_.names()) {
      if (endpoint->is_primary()) clients.push_back(client_info(*endpoint));
    }
  }
  std::ranges::sort(clients, {}, &ClientInfo::name);
  return clients;
}

void Registry::sum_traffic(BrokerStats& into) const {
  const std::lock_guard lock(mutex_);
  into.clients = directory_.names().size();
  books_.sum(into);
  for (const auto& [name, endpoint] : directory_.names()) add_traffic(endpoint->traffic, into);
}

void Registry::retire(const EndpointRef& endpoint) {
  const std::lock_guard lock(mutex_);
  books_.retire(endpoint);
}

void Registry::add_unlisted(const EndpointRef& endpoint) {
  const std::lock_guard lock(mutex_);
  books_.add_unlisted(endpoint);
}

}  // namespace busrt::broker
