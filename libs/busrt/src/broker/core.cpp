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

ClientInfo Core::own_info() const {
  ClientInfo info;
  info.name = broker_name;
  info.kind = "internal";
  info.frames_in = own.frames_in.load(std::memory_order_relaxed);
  info.bytes_in = own.bytes_in.load(std::memory_order_relaxed);
  info.frames_out = own.frames_out.load(std::memory_order_relaxed);
  info.bytes_out = own.bytes_out.load(std::memory_order_relaxed);
  return info;
}

std::function<void(std::string_view why)> Core::pause_report(std::string where) {
  return [this, place = std::move(where)](std::string_view why) {
    accept_pauses.fetch_add(1, std::memory_order_relaxed);
    peer_log.write(LineCause::accept, base::LogLevel::error,
                   "cannot accept on " + place + ": " + std::string(why) + "; trying again soon");
  };
}

BrokerStats Core::stats() const {
  BrokerStats result;
  registry.sum_traffic(result);
  result.uptime =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started);
  result.lost[static_cast<std::size_t>(LossCause::receiver_closed)] +=
      lost_after_close.load(std::memory_order_relaxed);
  result.holds = holds.load(std::memory_order_relaxed);
  result.yields = yields.load(std::memory_order_relaxed);
  result.patterns_refused = patterns_refused.load(std::memory_order_relaxed);
  for (std::size_t reason = 0; reason < close_reasons; ++reason)
    result.closed[reason] = closed[reason].load(std::memory_order_relaxed);
  std::ranges::copy(admission->refused(), std::begin(result.refused));
  result.subscriptions_revoked = subscriptions_revoked.load(std::memory_order_relaxed);
  result.accept_pauses = accept_pauses.load(std::memory_order_relaxed);
  result.refused_lines = refused_lines.load(std::memory_order_relaxed);
  result.memory_bytes = memory.used();
  result.memory_limit = memory.limit();
  result.connections = admission->connections();
  return result;
}

}  // namespace busrt::broker
