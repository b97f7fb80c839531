// What the main() of a collector program calls: flags, signals, logging, and the runtime around one source.
//
//   int main(int argc, char** argv) {
//     return collector_core::run_collector(std::make_unique<MySource>(), argc, argv);
//   }
#pragma once

#include <memory>

#include "collector_core/event_source.hpp"

namespace collector_core {

/// Runs a collector until SIGTERM, SIGINT or the RPC `shutdown`, and returns the program's exit code.
///
///   --bus ADDRESS      the bus to connect to (required unless the environment has DAEMONEYE_BUS)
///   --name NAME        the collector's name on the bus (default: the source's)
///   --settings JSON    settings that the source is configured with before it starts; `-` reads them from
///                      standard input, which is how the agent hands them over: arguments are for all to see
///   --check-settings   check settings from standard input and end, see below
///   --log-level LEVEL  trace, debug, info, warn, error (default: info); lines go to stderr
///   --version, --help
///
/// --check-settings configures the source without starting it. Standard output has a line `FIELD: mistake`
/// for each setting that the source refuses. The agent puts file and line in front.
///
/// Exit codes: 0 after an orderly stop, or for good settings; 1 when the bus was out of reach for
/// limits::bus_absence; 2 for bad flags or settings, which the agent does not try again; 3 for settings that
/// --check-settings refuses. Stopping: the source stops, what is queued is published, a last health record
/// says `stopped`. Call once per process, from the main thread.
int run_collector(std::unique_ptr<EventSource> source, int argc, char** argv);

}  // namespace collector_core
