#include "broker/evictor.hpp"

#include <algorithm>
#include <mutex>
#include <string>

namespace busrt::broker {

void Evictor::evict() {
  // Asking costs a walk over all clients: once in a batch, and again when matters have become much worse.
  if (evicted_at_ != 0 && budget_.used() < evicted_at_ + budget_.limit() / 16) return;
  shard_.flush_marked();
  if (budget_.exceeded()) {
    const std::lock_guard lock(budget_.choosing());
    free(excess());
  }
  evicted_at_ = budget_.used();
}

/// Bytes beyond the limit that nobody who is ending gives back. Clients leave the registry after they have
/// come to the admission's list of those that end, and give back their memory last: in this order of asking,
/// memory that is about to be freed is counted at least once.
std::uint64_t Evictor::excess() {
  const std::uint64_t ending = registry_.ending_bytes() + admission_.ending_bytes();
  const std::uint64_t allowed = budget_.limit() + ending;
  return budget_.used() - std::min(budget_.used(), allowed);
}

/// A connection that has not registered has the least to lose, but only if that is enough; else the client
/// that holds most.
void Evictor::free(std::uint64_t bytes) {
  if (bytes == 0) return;
  auto found = admission_.evict_unregistered(bytes, false);
  if (found.bytes < bytes) {
    const auto choice = registry_.choose_evictions(bytes);
    for (const EndpointRef& client : choice.clients) shard_.close(client, CloseReason::over_memory);
    if (choice.bytes < bytes) found = admission_.evict_unregistered(bytes - choice.bytes, true);
  }
  if (found.evicted != 0) log_evicted(found.evicted);
}

void Evictor::log_evicted(std::size_t connections) {
  log_.write(LineCause::eviction, base::LogLevel::warn,
             "over the memory limit, " + std::to_string(budget_.limit()) + " bytes for all: " +
                 std::to_string(connections) + " connections that have not registered are closed");
}

}  // namespace busrt::broker
