// The agent's command line.
#pragma once

#include <expected>

#include "config/load_config.hpp"

namespace daemoneye_agent {

struct CommandLine {
  FlagValues flags;
  bool check_config = false;
};

/// The parsed line, or the exit code after help, version or an error has been printed.
[[nodiscard]] std::expected<CommandLine, int> parse_command_line(int argc, const char* const* argv);

}  // namespace daemoneye_agent
