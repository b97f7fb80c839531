// What the parts of one broker share.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/access_store.hpp"
#include "broker/admission.hpp"
#include "broker/memory.hpp"
#include "broker/peer_log.hpp"
#include "broker/registry.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/broker_config.hpp"
#include "busrt/broker_stats.hpp"

namespace busrt::broker {

class Shard;

/// Read-only after start-up but for the registry, the access rules and the counters, which are thread-safe.
struct Core {
  explicit Core(BrokerConfig broker_config);
  ~Core();

  const BrokerConfig config;
  MemoryBudget memory;  // before what holds memory
  const std::shared_ptr<Admission> admission;
  Registry registry;
  AccessStore access;
  std::vector<std::unique_ptr<Shard>> shards;
  const std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();

  std::atomic<std::uint64_t> holds{0};
  std::atomic<std::uint64_t> yields{0};
  std::atomic<std::uint64_t> patterns_refused{0};
  std::atomic<std::uint64_t> closed[close_reasons] = {};
  std::atomic<std::uint64_t> refused_lines{0};  ///< of fifos
  std::atomic<std::uint64_t> accept_pauses{0};  ///< of listeners and fifos
  std::atomic<std::uint64_t> subscriptions_revoked{0};
  /// Frames that reached a shard after their receiver's session, and so its own counters, had ended.
  std::atomic<std::uint64_t> lost_after_close{0};
  PeerLog peer_log;  ///< lines that peers can cause

  /// Traffic of `.broker`, the broker's own client: what it was sent, and what it answered and announced.
  struct {
    std::atomic<std::uint64_t> frames_in{0}, bytes_in{0}, frames_out{0}, bytes_out{0};
  } own;
  void count_own_answer(std::size_t bytes) noexcept {
    own.frames_in.fetch_add(1, std::memory_order_relaxed);
    own.bytes_in.fetch_add(bytes, std::memory_order_relaxed);
  }
  void count_own_question(std::size_t bytes) noexcept {
    own.frames_out.fetch_add(1, std::memory_order_relaxed);
    own.bytes_out.fetch_add(bytes, std::memory_order_relaxed);
  }
  /// `.broker` as a client, as the real broker lists it.
  [[nodiscard]] ClientInfo own_info() const;

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
