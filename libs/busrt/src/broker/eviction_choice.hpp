// Which clients the broker closes when clients hold more than the broker's memory budget.
#pragma once

#include <cstdint>
#include <vector>

#include "broker/endpoint.hpp"
#include "broker/name_map.hpp"

namespace busrt::broker {

struct EvictionChoice {
  std::vector<EndpointRef> clients;  ///< to be closed, marked as closed already
  std::uint64_t bytes = 0;           ///< what they hold
};

/// Returns what clients hold that are ending already.
[[nodiscard]] std::uint64_t ending_bytes(const NameMap<EndpointRef>& clients) noexcept;

/// Chooses clients to close, so that `wanted` bytes become free: those that hold most first, and none that
/// are ending already. A client that holds little more than its connection costs is never chosen, because
/// that would not help.
[[nodiscard]] EvictionChoice choose_evictions(const NameMap<EndpointRef>& clients, std::uint64_t wanted);

}  // namespace busrt::broker
