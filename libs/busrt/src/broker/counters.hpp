// What the broker counts besides the traffic of its clients.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "busrt/broker_reasons.hpp"
#include "busrt/broker_stats.hpp"

namespace busrt::broker {

/// Thread-safe.
struct Counters {
  std::atomic<std::uint64_t> holds{0};
  std::atomic<std::uint64_t> yields{0};
  std::atomic<std::uint64_t> patterns_refused{0};
  std::atomic<std::uint64_t> closed[close_reasons] = {};
  std::atomic<std::uint64_t> refused_lines{0};  ///< of fifos
  std::atomic<std::uint64_t> accept_pauses{0};  ///< of listeners and fifos
  std::atomic<std::uint64_t> subscriptions_revoked{0};
  /// Frames that reached a shard after their receiver's session, and so its own counters, had ended.
  std::atomic<std::uint64_t> lost_after_close{0};

  static void count(std::atomic<std::uint64_t>& counter, std::uint64_t amount = 1) noexcept {
    counter.fetch_add(amount, std::memory_order_relaxed);
  }
  void count_closed(CloseReason reason) noexcept { count(closed[static_cast<std::size_t>(reason)]); }
  /// Writes them into the statistics; lost_after_close is added to what is there.
  void show(BrokerStats& into) const noexcept {
    const auto value = [](const std::atomic<std::uint64_t>& counter) {
      return counter.load(std::memory_order_relaxed);
    };
    into.holds = value(holds);
    into.yields = value(yields);
    into.patterns_refused = value(patterns_refused);
    for (std::size_t reason = 0; reason < close_reasons; ++reason)
      into.closed[reason] = value(closed[reason]);
    into.refused_lines = value(refused_lines);
    into.accept_pauses = value(accept_pauses);
    into.subscriptions_revoked = value(subscriptions_revoked);
    into.lost[static_cast<std::size_t>(LossCause::receiver_closed)] += value(lost_after_close);
  }
};

}  // namespace busrt::broker
