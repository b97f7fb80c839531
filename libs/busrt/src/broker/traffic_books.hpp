// The traffic of all clients in one sum: of those that are connected, and of those that have gone.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/endpoint.hpp"
#include "busrt/broker_stats.hpp"

namespace busrt::broker {

/// Adds the counters of one client to the totals.
void add_traffic(const Traffic& traffic, BrokerStats& into) noexcept;

/// Belongs to the registry, which guards it by its mutex. A client that is registered is not in here: the
/// registry adds it.
class TrafficBooks {
 public:
  /// Makes room for clients, so that add_unlisted() cannot fail for so many.
  void reserve(std::size_t endpoints);
  /// A client that is not registered, or no longer, and still counts.
  void add_unlisted(const EndpointRef& endpoint) { unlisted_.push_back(endpoint); }
  void drop_unlisted(const EndpointRef& endpoint) noexcept { std::erase(unlisted_, endpoint); }
  [[nodiscard]] std::size_t unlisted() const noexcept { return unlisted_.size(); }
  /// Keeps the numbers of a client for which nothing more will be counted.
  void retire(const EndpointRef& endpoint) noexcept;
  /// Adds what unlisted and retired clients have counted.
  void sum(BrokerStats& into) const noexcept;

 private:
  std::vector<EndpointRef> unlisted_;
  struct {
    std::uint64_t frames_in = 0, bytes_in = 0, frames_out = 0, bytes_out = 0, denied = 0;
    std::uint64_t lost[loss_causes] = {};
  } retired_;
};

}  // namespace busrt::broker
