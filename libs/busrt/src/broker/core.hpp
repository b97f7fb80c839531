// What the parts of one broker share.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/registry.hpp"
#include "busrt/broker.hpp"

namespace busrt::broker {

class Shard;

/// Read-only after start-up but for the registry and the counters, which are thread-safe.
struct Core {
  explicit Core(BrokerConfig broker_config);
  ~Core();

  const BrokerConfig config;
  Registry registry;
  std::vector<std::unique_ptr<Shard>> shards;
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  std::atomic<std::uint64_t> holds{0};
  std::atomic<std::uint64_t> slow_consumers_closed{0};
  std::atomic<std::uint64_t> refused_handshakes{0};
  std::atomic<std::uint64_t> protocol_errors{0};
  /// Frames that reached a shard after their receiver's session, and so its own counters, had ended.
  std::atomic<std::uint64_t> lost_after_close{0};

  void log(base::LogLevel level, const std::string& line) const {
    if (config.log) config.log(level, line);
  }
  [[nodiscard]] BrokerStats stats() const;
};

}  // namespace busrt::broker
