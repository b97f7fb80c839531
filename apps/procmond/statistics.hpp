// Counters that the watching thread writes and health reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace procmond {

/// Monotonic, relaxed: each is right by itself, together they may be one event apart.
class Counter {
 public:
  void add(std::uint64_t count = 1) noexcept { value_.fetch_add(count, std::memory_order_relaxed); }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_ = 0;
};

struct Statistics {
  // Observations emitted, by kind.
  Counter snapshots, news, execs, exits, changes;
  // Of these, by scans after losses and by periodic scans.
  Counter by_rescan, by_scan;
  // Kernel events that are no event of ours.
  Counter thread_forks, thread_exits, comms, already_known;
  // Emitted with something missing, because the process was gone or because we may not read it.
  Counter incomplete;
  Counter losses, lost_messages, losses_of_unknown_size;
  Counter rescans, scans;
  // Gauges.
  Counter processes, queued;
  // At the last look at everything: living processes whose executable we may not read, and whether one is
  // PID 1.
  Counter unreadable_exe, unreadable_init;
};

}  // namespace procmond
