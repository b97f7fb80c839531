// What the parts of one broker share.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/access_store.hpp"
#include "broker/admission.hpp"
#include "broker/counters.hpp"
#include "broker/memory.hpp"
#include "broker/own_traffic.hpp"
#include "broker/peer_log.hpp"
#include "broker/registry.hpp"
#include "broker/shard.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/broker_config.hpp"
#include "busrt/broker_stats.hpp"

namespace busrt::broker {

/// Read-only after start-up but for the registry, the access rules and the counters, which are thread-safe.
struct Core {
  explicit Core(BrokerConfig broker_config);
  ~Core();

  const BrokerConfig config;
  MemoryBudget memory;  // before what holds memory
  const std::shared_ptr<Admission> admission;
  Registry registry;
  AccessStore access;
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  Counters counters;
  OwnTraffic own;
  PeerLog peer_log;  ///< lines that peers can cause
  ShardTable shards;

  /// Lines of the broker's own, and of debug level. Names come from peers, so what could act on a terminal or
  /// forge a line of a log is escaped.
  void log(base::LogLevel level, std::string_view line) const {
    if (config.log) config.log(level, base::printable(line));
  }
  /// What the listener at `where` calls when it pauses: counts it, and logs the reason once a second.
  [[nodiscard]] std::function<void(std::string_view why)> pause_report(std::string where);
  [[nodiscard]] BrokerStats stats() const;
};

}  // namespace busrt::broker
