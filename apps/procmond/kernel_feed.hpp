// Where kernel events come from, and what the watching thread sleeps on.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "busrt/base/result.hpp"
#include "event_queue.hpp"

namespace procmond {

/// What one draining of the feed brought, besides events.
struct Drained {
  bool overflow = false;  ///< the kernel dropped events since the last draining
  /// How many messages it dropped, of every kind; empty when overflow and nobody can tell.
  std::optional<std::uint64_t> dropped{};
  /// Messages missing by their numbers and not among the dropped ones above.
  std::uint64_t unnumbered = 0;
  bool more = false;  ///< stopped because the queue is full
};

/// All members but wake() belong to the watching thread.
class KernelFeed {
 public:
  virtual ~KernelFeed() = default;

  /// Sleeps until there is something to drain, wake() was called, or the time is over.
  virtual void wait(std::chrono::milliseconds most) = 0;
  /// Thread-safe; a wake() before the wait() is not lost.
  virtual void wake() = 0;
  /// Moves what there is into the queue without blocking. An error ends the feed's usefulness.
  virtual busrt::base::Result<Drained> drain(EventQueue& queue) = 0;
  /// Numbers for health: {"receive_buffer_bytes": ..., ...}. Thread-safe.
  struct Numbers {
    std::uint64_t buffer_bytes = 0;
    std::uint64_t messages = 0;
    std::uint64_t reads = 0;
    std::uint64_t malformed = 0;
    std::uint64_t foreign = 0;  ///< messages that did not come from the kernel
  };
  [[nodiscard]] virtual Numbers numbers() const { return {}; }
};

}  // namespace procmond
