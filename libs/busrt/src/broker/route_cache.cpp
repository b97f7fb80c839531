#include "broker/route_cache.hpp"

#include <utility>

#include "busrt/limits.hpp"
#include "routing/pattern.hpp"

namespace busrt::broker {

namespace {
/// Of a route besides its name and receivers: the entry of the map, the route itself.
constexpr std::size_t route_overhead_bytes = 160;
/// Of the unknown targets, once the table has been full.
constexpr unsigned kept_one_in = 16;

std::size_t receiver_bytes(const Route& route) {
  return route.receivers.capacity() * sizeof(EndpointRef);
}
}  // namespace

Route& RouteCache::new_route(Table& table, std::string_view name) {
  if (table.was_full && chance_() % kept_one_in != 0) {
    table.passing.generation = 0;
    table.passing.target.assign(name);
    return table.passing;
  }
  if (table.bytes > limits::route_cache_bytes) {
    table.routes.clear();
    table.bytes = 0;
    table.last = nullptr;
    table.was_full = true;
  }
  auto route = std::make_unique<Route>();
  route->target.assign(name);
  table.bytes += route_overhead_bytes + name.size();
  return **table.routes.insert(std::move(route)).first;
}

const Route* RouteCache::look_up_slow(Table& table, std::string_view name, Finder find) {
  const auto found = table.routes.find(name);
  if (found == table.routes.end() && routing::topic_problem(name) != nullptr) return nullptr;
  Route& route = found == table.routes.end() ? new_route(table, name) : **found;
  // The generation is read before the tables: a change in between makes the answer look older than it is,
  // never newer.
  const std::uint64_t generation = registry_.generation();
  if (route.generation != generation) {
    const std::size_t before = receiver_bytes(route);
    route.receivers.clear();
    find(registry_, name, route.receivers);
    if (&route != &table.passing) table.bytes += receiver_bytes(route) - before;
    route.generation = generation;
  }
  table.last = &route;
  return &route;
}

void RouteCache::find_topic(const Registry& registry, std::string_view name,
                            std::vector<EndpointRef>& found) {
  registry.topic_receivers(name, found);
}

void RouteCache::find_client(const Registry& registry, std::string_view name,
                             std::vector<EndpointRef>& found) {
  if (auto endpoint = registry.find(name)) found.push_back(std::move(endpoint));
}

void RouteCache::find_mask(const Registry& registry, std::string_view mask, std::vector<EndpointRef>& found) {
  registry.mask_receivers(mask, found);
}

}  // namespace busrt::broker
