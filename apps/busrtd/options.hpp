// The command line of busrtd as a value: every option of the real BUS/RT server, and those of this broker.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "busrt/broker.hpp"

namespace busrtd {

struct Options {
  std::vector<std::string> binds;
  std::string pid_file;     ///< empty: none
  std::string access_file;  ///< access rules; empty: none, everything is allowed
  std::string token_file;   ///< where broker.token was read; empty: from no file
  std::string metrics;      ///< where to serve metrics; empty: nowhere
  bool verbose = false;
  bool daemonize = false;
  bool log_syslog = false;
  busrt::BrokerConfig broker;
  /// Options given that mean nothing to this broker by design, as sentences for the log.
  std::vector<std::string> without_effect;
};

/// Parsed options, or what the process exits with (help and version: 0, bad usage: 2), after printing why.
struct Parsed {
  std::optional<Options> options;
  int exit_code = 0;
};
[[nodiscard]] Parsed parse_options(int argc, char** argv);

}  // namespace busrtd
