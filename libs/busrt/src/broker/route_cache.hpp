// A shard's own copy of the registry's answers: target to receivers, good for one generation. A hit takes no
// lock.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "broker/registry.hpp"

namespace busrt::broker {

/// The receivers of one target. Holding a Route keeps its endpoints alive, though not their sessions.
struct Route {
  std::uint64_t generation = 0;
  std::vector<EndpointRef> receivers;
};

/// Belongs to one shard's thread. An answer is good until the next call; it is null for a target that no
/// client may name (not UTF-8, over the limits).
class RouteCache {
 public:
  explicit RouteCache(const Registry& registry) noexcept : registry_(registry) {}

  [[nodiscard]] const Route* topic(std::string_view name) { return look_up(topics_, name, &find_topic); }
  [[nodiscard]] const Route* client(std::string_view name) { return look_up(clients_, name, &find_client); }
  [[nodiscard]] const Route* mask(std::string_view mask) { return look_up(masks_, mask, &find_mask); }

 private:
  struct Table {
    NameMap<std::unique_ptr<Route>> routes;
    std::size_t bytes = 0;  // about what they hold; beyond limits::route_cache_bytes the table is emptied
    // The target asked for last: runs of frames to one target are the common case.
    std::string_view last_name;
    Route* last = nullptr;
  };
  using Finder = std::vector<EndpointRef> (*)(const Registry&, std::string_view);

  const Route* look_up(Table& table, std::string_view name, Finder find) {
    if (table.last != nullptr && table.last_name == name &&
        table.last->generation == registry_.generation()) {
      return table.last;
    }
    return look_up_slow(table, name, find);
  }
  const Route* look_up_slow(Table& table, std::string_view name, Finder find);
  static void make_room(Table& table);

  static std::vector<EndpointRef> find_topic(const Registry& registry, std::string_view name);
  static std::vector<EndpointRef> find_client(const Registry& registry, std::string_view name);
  static std::vector<EndpointRef> find_mask(const Registry& registry, std::string_view mask);

  const Registry& registry_;
  Table topics_, clients_, masks_;
};

}  // namespace busrt::broker
