#include "broker/core.hpp"

#include <algorithm>
#include <iterator>

#include "broker/shard.hpp"

namespace busrt::broker {

Core::Core(BrokerConfig broker_config)
    : config(std::move(broker_config)),
      memory(config.memory_bytes),
      admission(std::make_shared<Admission>(config.max_connections, config.max_connections_per_uid, memory)),
      registry(config.max_patterns),
      access(config.access),
      peer_log(config.log) {}
Core::~Core() = default;

std::function<void(std::string_view why)> Core::pause_report(std::string where) {
  return [this, place = std::move(where)](std::string_view why) {
    Counters::count(counters.accept_pauses);
    peer_log.write(LineCause::accept, base::LogLevel::error,
                   "cannot accept on " + place + ": " + std::string(why) + "; trying again soon");
  };
}

BrokerStats Core::stats() const {
  BrokerStats result;
  registry.sum_traffic(result);
  result.uptime =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started);
  counters.show(result);
  std::ranges::copy(admission->refused(), std::begin(result.refused));
  result.memory_bytes = memory.used();
  result.memory_limit = memory.limit();
  result.connections = admission->connections();
  return result;
}

}  // namespace busrt::broker
