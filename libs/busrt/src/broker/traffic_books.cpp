#include "broker/traffic_books.hpp"

#include "broker/grow.hpp"

namespace busrt::broker {

namespace {

/// `Sum` has the fields of BrokerStats.
template <class Sum>
void add_counters(const Traffic& traffic, Sum& sum) noexcept {
  sum.frames_in += traffic.frames_in.get();
  sum.bytes_in += traffic.bytes_in.get();
  sum.frames_out += traffic.frames_out.get();
  sum.bytes_out += traffic.bytes_out.get();
  sum.denied += traffic.denied.get();
  for (std::size_t cause = 0; cause < loss_causes; ++cause) sum.lost[cause] += traffic.lost[cause].get();
}

}  // namespace

void add_traffic(const Traffic& traffic, BrokerStats& into) noexcept {
  add_counters(traffic, into);
}

void TrafficBooks::reserve(std::size_t endpoints) {
  grow(unlisted_, endpoints);
}

void TrafficBooks::retire(const EndpointRef& endpoint) noexcept {
  std::erase(unlisted_, endpoint);
  add_counters(endpoint->traffic, retired_);
}

void TrafficBooks::sum(BrokerStats& into) const noexcept {
  into.frames_in += retired_.frames_in;
  into.bytes_in += retired_.bytes_in;
  into.frames_out += retired_.frames_out;
  into.bytes_out += retired_.bytes_out;
  into.denied += retired_.denied;
  for (std::size_t cause = 0; cause < loss_causes; ++cause) into.lost[cause] += retired_.lost[cause];
  for (const EndpointRef& endpoint : unlisted_) add_counters(endpoint->traffic, into);
}

}  // namespace busrt::broker
