// The command line of `daemoneye`.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>

#include "agent_address.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye_cli {

struct Options {
  enum class Command { watch, status };
  Command command = Command::status;
  std::string bus = default_address;
  bool json = false;
  std::chrono::milliseconds wait{0};  ///< how long to wait for an agent that is not there yet
  std::string pattern = std::string(daemoneye::events::topics::every_event);
  std::uint64_t count = 0;  ///< 0: no end
  bool strict = false;      ///< status: what was missing once counts as well
};

/// Exit codes of the program.
namespace exit_code {
inline constexpr int ok = 0;
inline constexpr int degraded = 1;       ///< status: the agent answers and something is not well now
inline constexpr int unreachable = 2;    ///< no agent, or a bad command line
inline constexpr int output_failed = 3;  ///< standard output took no more, for another reason than its reader
}  // namespace exit_code

/// The parsed line, or the exit code after help, version or an error has been printed.
[[nodiscard]] std::expected<Options, int> parse_options(int argc, const char* const* argv);

}  // namespace daemoneye_cli
