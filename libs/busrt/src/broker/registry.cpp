#include "broker/registry.hpp"

#include <algorithm>
#include <utility>

#include "routing/pattern.hpp"

namespace busrt::broker {

std::vector<EndpointRef> Registry::secondaries_locked(std::string_view primary) const {
  std::vector<EndpointRef> found;
  for (const auto& [name, endpoint] : names_) {
    if (!endpoint->is_primary() && endpoint->primary() == primary) found.push_back(endpoint);
  }
  return found;
}

Result<Registry::Registered> Registry::add(const EndpointRef& endpoint, bool force) {
  const std::lock_guard lock(mutex_);
  Registered result;
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
    for (const EndpointRef& old : result.displaced) remove_locked(old);
  }
  if (free_slots_.empty()) {
    endpoint->id = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(endpoint);
  } else {
    endpoint->id = free_slots_.back();
    free_slots_.pop_back();
    slots_[endpoint->id] = endpoint;
  }
  names_.emplace(endpoint->name, endpoint);
  endpoint->registered = true;
  if (primary) ++primary->secondaries;
  subscriptions_.subscribe(endpoint->id, broker_warn_topic);
  bump();
  return result;
}

void Registry::remove_locked(const EndpointRef& endpoint) {
  if (!std::exchange(endpoint->registered, false)) return;
  names_.erase(names_.find(std::string_view(endpoint->name)));
  subscriptions_.remove(endpoint->id);
  slots_[endpoint->id] = nullptr;
  free_slots_.push_back(endpoint->id);
  if (!endpoint->is_primary()) {
    if (const auto primary = names_.find(endpoint->primary()); primary != names_.end())
      --primary->second->secondaries;
  }
  bump();
}

std::vector<EndpointRef> Registry::remove(const EndpointRef& endpoint, bool& was_registered) {
  const std::lock_guard lock(mutex_);
  was_registered = endpoint->registered;
  if (!was_registered) return {};
  std::vector<EndpointRef> orphans;
  if (endpoint->secondaries != 0) orphans = secondaries_locked(endpoint->name);
  for (const EndpointRef& orphan : orphans) remove_locked(orphan);
  remove_locked(endpoint);
  return orphans;
}

void Registry::subscribe(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  if (!endpoint->registered) return;
  bool changed = false;
  for (const std::string_view pattern : patterns) changed |= subscriptions_.subscribe(endpoint->id, pattern);
  if (changed) bump();
}

void Registry::unsubscribe(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  if (!endpoint->registered) return;
  bool changed = false;
  for (const std::string_view pattern : patterns)
    changed |= subscriptions_.unsubscribe(endpoint->id, pattern);
  if (changed) bump();
}

void Registry::exclude(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  for (const std::string_view pattern : patterns) endpoint->exclusions.insert(pattern);
  bump();
}

void Registry::unexclude(const EndpointRef& endpoint, std::span<const std::string_view> patterns) {
  const std::lock_guard lock(mutex_);
  for (const std::string_view pattern : patterns) endpoint->exclusions.erase(pattern);
  bump();
}

std::vector<EndpointRef> Registry::topic_receivers(std::string_view topic) const {
  std::vector<routing::SubscriberId> ids;
  std::vector<EndpointRef> receivers;
  const std::lock_guard lock(mutex_);
  subscriptions_.match(topic, ids);
  receivers.reserve(ids.size());
  for (const routing::SubscriberId id : ids) {
    const EndpointRef& endpoint = slots_[id];
    if (!endpoint->exclusions.empty() && endpoint->exclusions.matches(topic)) continue;
    receivers.push_back(endpoint);
  }
  return receivers;
}

EndpointRef Registry::find(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

std::vector<EndpointRef> Registry::mask_receivers(std::string_view mask) const {
  std::vector<EndpointRef> receivers;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, endpoint] : names_) {
    if (routing::mask_matches(mask, name)) receivers.push_back(endpoint);
  }
  return receivers;
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
      info.lost = endpoint->traffic.total_lost();
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
  into.clients = names_.size();
  for (const auto& [name, endpoint] : names_) {
    const Traffic& traffic = endpoint->traffic;
    into.frames_in += traffic.frames_in.get();
    into.bytes_in += traffic.bytes_in.get();
    into.frames_out += traffic.frames_out.get();
    into.bytes_out += traffic.bytes_out.get();
    for (std::size_t cause = 0; cause < loss_causes; ++cause) into.lost[cause] += traffic.lost[cause].get();
  }
}

void Registry::retire(const Endpoint& endpoint) {
  const std::lock_guard lock(mutex_);
  retired_.frames_in += endpoint.traffic.frames_in.get();
  retired_.bytes_in += endpoint.traffic.bytes_in.get();
  retired_.frames_out += endpoint.traffic.frames_out.get();
  retired_.bytes_out += endpoint.traffic.bytes_out.get();
  for (std::size_t cause = 0; cause < loss_causes; ++cause)
    retired_.lost[cause] += endpoint.traffic.lost[cause].get();
}

}  // namespace busrt::broker
