// fork and exec: posix_spawn knows neither PR_SET_PDEATHSIG nor a gate before the program runs.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "busrt/base/result.hpp"
#include "busrt/base/unique_fd.hpp"

namespace daemoneye_keeper {

struct Started {
  pid_t pid = -1;
  busrt::base::UniqueFd pidfd;
  busrt::base::UniqueFd socket;  ///< the keeper's end of the socket pair to the process
};

/// A collector that waits at its gate.
struct StartedCollector : Started {
  busrt::base::UniqueFd output;  ///< read end of its stdout and stderr
  busrt::base::UniqueFd gate;    ///< closing it lets the process run its program
  busrt::base::UniqueFd report;  ///< ends when the program runs; an int that comes before is exec's errno
};

/// Starts the agent proper with the keeper's standard streams, in a process group of its own, so that Ctrl-C
/// reaches it once, by the keeper. The kernel kills it when the keeper ends. `sigpipe_ignored`: as the
/// keeper's starter had it. Errors name the program.
[[nodiscard]] busrt::base::Result<Started> spawn_agent(const std::vector<std::string>& argv,
                                                       bool sigpipe_ignored);

/// Forks a collector, in a process group of its own, with `input` as its stdin. It gets no other descriptor
/// but its output and its socket to the keeper. The kernel sends it SIGTERM when the keeper ends.
[[nodiscard]] busrt::base::Result<StartedCollector> spawn_collector(const std::vector<std::string>& argv,
                                                                    int input);

}  // namespace daemoneye_keeper
