// The main function of a collector program: it reads flags, handles signals, sets up the log, and runs the
// runtime with one source.
//
//   int main(int argc, char** argv) {
//     return daemoneye::collector::run_collector(std::make_unique<MySource>(), argc, argv);
//   }
#pragma once

#include <memory>

#include "daemoneye/collector/event_source.hpp"

namespace daemoneye::collector {

/// Runs a collector until SIGTERM, SIGINT or the RPC `shutdown`. Call it once per process, from the main
/// thread.
///
///   --bus ADDRESS      the address of the bus (required unless DAEMONEYE_BUS is in the environment)
///   --name NAME        the collector's name on the bus (default: the source's name)
///   --settings JSON    settings for the source, applied before it starts. `-` reads them from standard
///   input;
///                      the agent uses it, because other users can read a process's arguments
///   --check-settings   check settings from standard input and end, see below
///   --log-level LEVEL  trace, debug, info, warn, error (default: info); lines go to stderr
///   --version, --help
///
/// --check-settings configures the source without starting it. It prints a line `FIELD: mistake` for each
/// setting that the source refuses. The agent adds file and line.
///
/// To stop, the source stops, the runtime publishes the outbox, and a last health record says `stopped`.
///
/// Returns the program's exit code: 0 after an orderly stop or for valid settings; 1 if there was no bus for
/// limits::bus_absence; 2 for invalid flags or settings, after which the agent does not try again; 3 for
/// settings that --check-settings refuses.
int run_collector(std::unique_ptr<EventSource> source, int argc, char** argv);

}  // namespace daemoneye::collector
