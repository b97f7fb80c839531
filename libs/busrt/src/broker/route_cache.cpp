#include "broker/route_cache.hpp"

#include <utility>

#include "busrt/limits.hpp"
#include "routing/pattern.hpp"

namespace busrt::broker {

namespace {
/// Of a route besides its name and receivers: the entry of the map, the route itself.
constexpr std::size_t route_overhead_bytes = 160;

std::size_t receiver_bytes(const Route& route) {
  return route.receivers.capacity() * sizeof(EndpointRef);
}
}  // namespace

void RouteCache::make_room(Table& table) {
  if (table.bytes <= limits::route_cache_bytes) return;
  table.routes.clear();
  table.bytes = 0;
}

const Route* RouteCache::look_up_slow(Table& table, std::string_view name, Finder find) {
  auto found = table.routes.find(name);
  if (found == table.routes.end()) {
    if (routing::topic_problem(name) != nullptr) return nullptr;
    make_room(table);
    found = table.routes.emplace(std::string(name), std::make_unique<Route>()).first;
    table.bytes += route_overhead_bytes + name.size();
  }
  Route& route = *found->second;
  // The generation is read before the tables: a change in between makes the answer look older than it is,
  // never newer.
  const std::uint64_t generation = registry_.generation();
  if (route.generation != generation) {
    auto receivers = find(registry_, name);
    table.bytes -= receiver_bytes(route);
    route.receivers = std::move(receivers);
    table.bytes += receiver_bytes(route);
    route.generation = generation;
  }
  table.last_name = found->first;
  table.last = &route;
  return &route;
}

std::vector<EndpointRef> RouteCache::find_topic(const Registry& registry, std::string_view name) {
  return registry.topic_receivers(name);
}

std::vector<EndpointRef> RouteCache::find_client(const Registry& registry, std::string_view name) {
  std::vector<EndpointRef> receivers;
  if (auto endpoint = registry.find(name)) receivers.push_back(std::move(endpoint));
  return receivers;
}

std::vector<EndpointRef> RouteCache::find_mask(const Registry& registry, std::string_view mask) {
  return registry.mask_receivers(mask);
}

}  // namespace busrt::broker
