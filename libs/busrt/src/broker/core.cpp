#include "broker/core.hpp"

#include <algorithm>
#include <iterator>

namespace busrt::broker {

namespace {

/// Deadlines are checked this often: a sixteenth of the timeout is precise enough for all of them.
std::chrono::milliseconds tick_interval(const BrokerConfig& config) {
  using namespace std::chrono_literals;
  return std::clamp(std::min(config.timeout, config.stall_limit) / 16, 5ms, 250ms);
}

}  // namespace

Core::Core(BrokerConfig broker_config)
    : config(std::move(broker_config)),
      memory(config.memory_bytes),
      admission(std::make_shared<Admission>(config.max_connections, config.max_connections_per_uid, memory)),
      registry(config.max_patterns),
      access(config.access),
      peer_log(config.log) {
  const ShardSettings settings{tick_interval(config), {config.queue_frames, config.queue_bytes}};
  for (std::size_t i = 0; i < config.shards; ++i) {
    shards.push_back(std::make_unique<Shard>(i, shards, settings));
  }
}
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
