// Gets the broker back below its memory budget.
//
// If clients make the broker hold more than BrokerConfig::memory_bytes, it writes out what the connections
// take. If that is not enough, it closes connections that have not registered, the oldest first, provided
// that they hold enough; otherwise the clients that hold most.
#pragma once

#include <cstddef>
#include <cstdint>

#include "broker/admission.hpp"
#include "broker/memory.hpp"
#include "broker/peer_log.hpp"
#include "broker/registry.hpp"
#include "broker/shard.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. What it is made of must outlive it.
class Evictor {
 public:
  Evictor(Shard& shard, MemoryBudget& budget, Admission& admission, Registry& registry, PeerLog& log) noexcept
      : shard_(shard), budget_(budget), admission_(admission), registry_(registry), log_(log) {}

  /// Does nothing while the budget is kept; this is one comparison.
  void enforce_budget() {
    if (budget_.exceeded()) [[unlikely]]
      evict();
  }
  void end_of_batch() noexcept { evicted_at_ = 0; }

 private:
  void evict();
  [[nodiscard]] std::uint64_t excess();
  void free(std::uint64_t bytes);
  void log_evicted(std::size_t connections);

  Shard& shard_;
  MemoryBudget& budget_;
  Admission& admission_;
  Registry& registry_;
  PeerLog& log_;
  std::uint64_t evicted_at_ = 0;  // bytes in use when clients were last chosen in this batch
};

}  // namespace busrt::broker
