// A shard's own copy of the registry's answers: target to receivers, good for one generation. A hit takes no
// lock.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "broker/name_map.hpp"
#include "broker/registry.hpp"
#include "broker/turn.hpp"

namespace busrt::broker {

/// The receivers of one target. Holding a Route keeps its endpoints alive, though not their sessions.
struct Route {
  std::string target;
  std::uint64_t generation = 0;
  std::vector<EndpointRef> receivers;
  bool used = false;      ///< since the cache last looked for one to forget
  std::size_t place = 0;  ///< in the order of the clock
};

/// Belongs to one shard's thread. An answer is good until the next call; it is null for a target that no
/// client may name (not UTF-8, over the limits).
///
/// What is asked for only once should not push out what is asked for often, nor cost the memory of an entry:
/// a table that is full keeps one in sixteen of the targets that it does not know, drawn by chance; those
/// that come back are soon among them. For each it forgets one that was not used for a while, found by the
/// hand of a clock (second chance, as in paging).
class RouteCache {
 public:
  /// The work of what it has to ask the registry for is the turn's.
  RouteCache(const Registry& registry, Turn& turn) noexcept : registry_(registry), turn_(turn) {}

  [[nodiscard]] const Route* topic(std::string_view name) { return look_up(topics_, name, &find_topic); }
  [[nodiscard]] const Route* client(std::string_view name) { return look_up(clients_, name, &find_client); }
  [[nodiscard]] const Route* mask(std::string_view mask) { return look_up(masks_, mask, &find_mask); }

  /// About what it holds.
  [[nodiscard]] std::size_t bytes() const noexcept { return topics_.bytes + clients_.bytes + masks_.bytes; }

 private:
  static std::string_view target_of(std::string_view name) noexcept { return name; }
  static std::string_view target_of(const Route* route) noexcept { return route->target; }
  struct TargetHash : NameHash {
    using is_avalanching = void;
    template <class Key>
    std::size_t operator()(const Key& key) const noexcept {
      return NameHash::operator()(target_of(key));
    }
  };
  struct SameTarget {
    using is_transparent = void;
    template <class One, class Other>
    bool operator()(const One& one, const Other& other) const noexcept {
      return target_of(one) == target_of(other);
    }
  };
  struct Table {
    boost::unordered_flat_set<Route*, TargetHash, SameTarget> routes;
    std::vector<std::unique_ptr<Route>> all;  // those of `routes`, in the order of the clock
    std::size_t hand = 0;                     // of the clock
    std::size_t bytes = 0;                    // about what they hold; limits::route_cache_bytes are full
    Route passing;                            // the last one that was not kept
    // The target asked for last: runs of frames to one target are the common case.
    Route* last = nullptr;
  };
  /// Appends the receivers of a target, and returns its work in steps.
  using Finder = std::size_t (*)(const Registry&, std::string_view, std::vector<EndpointRef>&);

  const Route* look_up(Table& table, std::string_view name, Finder find) {
    if (table.last != nullptr && table.last->target == name &&
        table.last->generation == registry_.generation()) {
      return table.last;
    }
    return look_up_slow(table, name, find);
  }
  const Route* look_up_slow(Table& table, std::string_view name, Finder find);
  /// Where the answer for a target that is not in the table goes.
  Route& new_route(Table& table, std::string_view name);
  static Route& forget_one(Table& table);
  static std::unique_ptr<Route> take_off_clock(Table& table, const Route& route) noexcept;
  static const Route* move_out(Table& table, Route& route);

  static std::size_t find_topic(const Registry& registry, std::string_view name,
                                std::vector<EndpointRef>& found);
  static std::size_t find_client(const Registry& registry, std::string_view name,
                                 std::vector<EndpointRef>& found);
  static std::size_t find_mask(const Registry& registry, std::string_view mask,
                               std::vector<EndpointRef>& found);

  const Registry& registry_;
  Turn& turn_;
  std::minstd_rand chance_{std::random_device{}()};
  Table topics_, clients_, masks_;
};

}  // namespace busrt::broker
