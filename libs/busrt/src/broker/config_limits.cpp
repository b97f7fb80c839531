#include "broker/config_limits.hpp"

#include <algorithm>

namespace busrt {

namespace broker {

namespace {
/// Clients that hold all they may, for which the broker's own memory limit has room.
constexpr std::uint64_t full_clients = limits::broker_memory_bytes / limits::client_memory_bytes;
}  // namespace

BrokerConfig within_bounds(BrokerConfig config) {
  config.shards = std::max<std::size_t>(config.shards, 1);
  config.queue_frames = std::max<std::size_t>(config.queue_frames, 1);
  config.max_body_bytes = std::min(config.max_body_bytes, limits::most_body_bytes);
  return config;
}

}  // namespace broker

void fit_memory_limits(BrokerConfig& config) noexcept {
  const std::uint64_t least = least_client_memory(config.max_body_bytes, config.queue_bytes);
  if (config.client_memory_bytes >= least) return;
  config.client_memory_bytes = least;
  config.memory_bytes = std::max(config.memory_bytes, broker::full_clients * least);
}

}  // namespace busrt
