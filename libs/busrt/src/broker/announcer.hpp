// The broker's own publications, on `.broker/info` and `.broker/warn`.
#pragma once

#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/delivery.hpp"
#include "broker/own_traffic.hpp"
#include "broker/route_cache.hpp"
#include "busrt/base/byte_buffer.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. What it is made of must outlive it.
class Announcer {
 public:
  Announcer(RouteCache& routes, Delivery& delivery, OwnTraffic& traffic) noexcept
      : routes_(routes), delivery_(delivery), traffic_(traffic) {}

  /// Announces at the end of the batch. `topic` is static text.
  void announce(std::string_view topic, std::string_view subject, std::string_view client);
  [[nodiscard]] bool pending() const noexcept { return !pending_.empty(); }
  /// Delivers what was announced. A subscriber without room loses it, counted. Calls `fault` with what
  /// throws.
  template <class Fault>
  void deliver(Fault fault) {
    std::vector<Announcement> taken;
    std::swap(taken, pending_);
    for (const Announcement& announcement : taken) {
      try {
        deliver_one(announcement);
      } catch (const std::exception& what) {
        fault(what);
      }
    }
  }

 private:
  struct Announcement {
    std::string_view topic;
    base::ByteBuffer payload;
  };
  void deliver_one(const Announcement& announcement);

  RouteCache& routes_;
  Delivery& delivery_;
  OwnTraffic& traffic_;
  std::vector<Announcement> pending_;
};

}  // namespace busrt::broker
