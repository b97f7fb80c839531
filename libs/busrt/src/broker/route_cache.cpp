#include "broker/route_cache.hpp"

#include <utility>

#include "busrt/limits.hpp"
#include "routing/pattern.hpp"

namespace busrt::broker {

namespace {
/// Of a route besides its name and receivers: the entry of the map, the route itself.
constexpr std::size_t route_overhead_bytes = 160;
/// Of the unknown targets, once the table is full.
constexpr unsigned kept_one_in = 16;
/// Routes that the clock passes by at most.
constexpr int longest_search = 16;

std::size_t route_bytes(const Route& route) {
  return route_overhead_bytes + route.target.capacity() + route.receivers.capacity() * sizeof(EndpointRef);
}
}  // namespace

/// Takes a route out of the table, emptied, to be used for another target.
Route& RouteCache::forget_one(Table& table) {
  const auto next = [&table]() -> Route& {
    table.hand = (table.hand + 1) % table.all.size();
    return *table.all[table.hand];
  };
  Route* route = &next();
  for (int chances = longest_search; route->used && chances > 0; --chances) {
    route->used = false;
    route = &next();
  }
  if (table.last == route) table.last = nullptr;
  table.routes.erase(route);
  table.bytes -= route_bytes(*route);
  std::vector<EndpointRef>().swap(route->receivers);
  route->generation = 0;
  return *route;
}

std::unique_ptr<Route> RouteCache::take_off_clock(Table& table, const Route& route) noexcept {
  auto& gone = table.all[route.place];
  std::swap(gone, table.all.back());
  gone->place = route.place;
  auto taken = std::move(table.all.back());
  table.all.pop_back();
  table.hand = 0;
  return taken;
}

/// A route that has grown, for more clients subscribe than before, out of a table that is more than full: the
/// answer goes on as one that is not kept.
const Route* RouteCache::move_out(Table& table, Route& route) {
  table.routes.erase(&route);
  table.bytes -= route_bytes(route);
  table.passing = std::move(*take_off_clock(table, route));
  return table.last = &table.passing;
}

Route& RouteCache::new_route(Table& table, std::string_view name) {
  const bool full = table.bytes > limits::route_cache_bytes;
  if (full && chance_() % kept_one_in != 0) {
    table.passing.generation = 0;
    table.passing.target.assign(name);
    return table.passing;
  }
  std::string target(name);
  if (!full) {
    table.all.push_back(std::make_unique<Route>());
    table.all.back()->place = table.all.size() - 1;
  }
  Route& route = full ? forget_one(table) : *table.all.back();
  route.target = std::move(target);
  try {
    table.routes.insert(&route);
  } catch (...) {
    take_off_clock(table, route);
    throw;
  }
  table.bytes += route_bytes(route);
  return route;
}

const Route* RouteCache::look_up_slow(Table& table, std::string_view name, Finder find) {
  const auto found = table.routes.find(name);
  if (found == table.routes.end() && routing::topic_problem(name) != nullptr) return nullptr;
  Route& route = found == table.routes.end() ? new_route(table, name) : **found;
  route.used = true;
  // The generation is read before the tables: a change in between makes the answer look older than it is,
  // never newer.
  const std::uint64_t generation = registry_.generation();
  if (route.generation != generation) {
    const std::size_t before = route_bytes(route);
    const auto account = [&table, &route, before] {
      if (&route != &table.passing) table.bytes += route_bytes(route) - before;
    };
    route.receivers.clear();
    try {
      turn_.spend(limits::lookup_steps + find(registry_, name, route.receivers));
      // What many clients once subscribed to does not stay large when they have gone.
      if (route.receivers.capacity() > 2 * route.receivers.size() + 8) route.receivers.shrink_to_fit();
    } catch (...) {
      account();
      throw;
    }
    account();
    route.generation = generation;
    if (&route != &table.passing && table.bytes > limits::route_cache_bytes / 4 * 5)
      return move_out(table, route);
  }
  table.last = &route;
  return &route;
}

std::size_t RouteCache::find_topic(const Registry& registry, std::string_view name,
                                   std::vector<EndpointRef>& found) {
  return registry.topic_receivers(name, found);
}

std::size_t RouteCache::find_client(const Registry& registry, std::string_view name,
                                    std::vector<EndpointRef>& found) {
  if (auto endpoint = registry.find(name)) found.push_back(std::move(endpoint));
  return 0;
}

std::size_t RouteCache::find_mask(const Registry& registry, std::string_view mask,
                                  std::vector<EndpointRef>& found) {
  return registry.mask_receivers(mask, found);
}

}  // namespace busrt::broker
