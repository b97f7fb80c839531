#include "broker/evictor.hpp"

#include <algorithm>
#include <string>

namespace busrt::broker {

void Evictor::evict() {
  // Asking costs a walk over all clients: once in a batch, and again when matters have become much worse.
  if (evicted_at_ != 0 && budget_.used() < evicted_at_ + budget_.limit() / 16) return;
  shard_.flush_marked();
  if (budget_.exceeded()) {
    // A connection that has not registered has the least to lose, but only if that is enough; else the client
    // that holds most.
    const std::uint64_t excess = budget_.used() - budget_.limit();
    const auto found = admission_.evict_unregistered(excess, false);
    std::size_t evicted = found.evicted;
    if (found.bytes < excess) {
      const auto choice = registry_.choose_evictions(excess - found.bytes);
      for (const EndpointRef& client : choice.clients) shard_.close(client, CloseReason::over_memory);
      const std::uint64_t rest = excess - std::min(excess, choice.bytes);
      if (rest > found.bytes) evicted = admission_.evict_unregistered(rest, true).evicted;
    }
    if (evicted != 0) log_evicted(evicted);
  }
  evicted_at_ = budget_.used();
}

void Evictor::log_evicted(std::size_t connections) {
  log_.write(LineCause::eviction, base::LogLevel::warn,
             "over the memory limit, " + std::to_string(budget_.limit()) + " bytes for all: " +
                 std::to_string(connections) + " connections that have not registered are closed");
}

}  // namespace busrt::broker
