#include "broker/core.hpp"

#include "broker/shard.hpp"

namespace busrt::broker {

Core::Core(BrokerConfig broker_config) : config(std::move(broker_config)) {}
Core::~Core() = default;

BrokerStats Core::stats() const {
  BrokerStats result;
  registry.sum_traffic(result);
  result.uptime =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started);
  result.lost[static_cast<std::size_t>(LossCause::receiver_closed)] +=
      lost_after_close.load(std::memory_order_relaxed);
  result.holds = holds.load(std::memory_order_relaxed);
  result.slow_consumers_closed = slow_consumers_closed.load(std::memory_order_relaxed);
  result.refused_handshakes = refused_handshakes.load(std::memory_order_relaxed);
  result.protocol_errors = protocol_errors.load(std::memory_order_relaxed);
  return result;
}

}  // namespace busrt::broker
