// Counters that the watching thread writes and health reads.
#pragma once

#include "busrt/base/counter.hpp"

namespace procmond {

using busrt::base::Counter;

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
