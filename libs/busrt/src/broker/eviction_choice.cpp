#include "broker/eviction_choice.hpp"

#include <algorithm>
#include <utility>

#include "broker/grow.hpp"
#include "busrt/limits.hpp"

namespace busrt::broker {

std::uint64_t ending_bytes(const NameMap<EndpointRef>& clients) noexcept {
  std::uint64_t bytes = 0;
  for (const auto& [name, endpoint] : clients) {
    if (endpoint->closed.load(std::memory_order_relaxed)) bytes += endpoint->account->used();
  }
  return bytes;
}

EvictionChoice choose_evictions(const NameMap<EndpointRef>& clients, std::uint64_t wanted) {
  EvictionChoice choice;
  std::vector<std::pair<std::uint64_t, EndpointRef>> holders;
  const auto less = [](const auto& one, const auto& other) { return one.first < other.first; };
  for (const auto& [name, endpoint] : clients) {
    const bool ends = endpoint->closed.load(std::memory_order_relaxed);
    if (!ends && endpoint->account->beyond_connection() >= limits::relief_bytes) {
      holders.emplace_back(endpoint->account->used(), endpoint);
    }
  }
  std::ranges::make_heap(holders, less);
  while (choice.bytes < wanted && !holders.empty()) {
    std::ranges::pop_heap(holders, less);
    auto& [bytes, endpoint] = holders.back();
    grow(choice.clients, choice.clients.size() + 1);  // a client that is marked must be closed
    // At once, since another shard's session closes only later and must not be chosen again.
    endpoint->closed.store(true, std::memory_order_release);
    choice.bytes += bytes;
    choice.clients.push_back(std::move(endpoint));
    holders.pop_back();
  }
  return choice;
}

}  // namespace busrt::broker
