// CLI11 sees only text here: what a value may be is the configuration's business, whichever layer it comes
// from.
#include "command_line.hpp"

#include <CLI/CLI.hpp>
#include <iostream>
#include <sstream>

#include "busrt/base/print_last.hpp"
#include "busrt/base/printable.hpp"
#include "version.hpp"

namespace daemoneye_agent {
namespace {

/// For bad flags and bad configuration alike.
constexpr int usage_exit_code = 2;

}  // namespace

std::expected<CommandLine, int> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Runs the collectors of this host, carries their events over its bus, and answers for them.",
               "daemoneye-agent");
  app.failure_message([](const CLI::App* failed, const CLI::Error& wrong) {
    return busrt::base::printable_lines(CLI::FailureMessage::simple(failed, wrong));
  });
  CommandLine line;
  app.add_option("--config", line.flags.config_file,
                 "Configuration file, TOML (environment: DAEMONEYE_CONFIG)")
      ->type_name("FILE");
  app.add_option("--bus", line.flags.bus,
                 "Address of the bus, default ipc://daemoneye.sock (environment: DAEMONEYE_BUS)")
      ->type_name("ADDRESS");
  app.add_option("--state-dir", line.flags.state_dir,
                 "Directory of what the agent keeps, one agent each (environment: DAEMONEYE_STATE_DIR)")
      ->type_name("DIR");
  app.add_option("--log-level", line.flags.log_level,
                 "trace, debug, info, warn or error (environment: DAEMONEYE_LOG_LEVEL)")
      ->type_name("LEVEL");
  app.add_flag(
      "--check-config", line.check_config,
      "Check the configuration and all that a start needs, settings of collectors included, print it "
      "with the origin of each value, and exit");
  app.set_version_flag("--version", "daemoneye-agent " + std::string(version));
  app.footer(
      "Every setting of the file can be given in the environment too: bus.queue_frames is\n"
      "DAEMONEYE_BUS_QUEUE_FRAMES. Flags win over the environment, that over the file.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    std::ostringstream text;
    if (app.exit(problem, text, std::cerr) != 0) return std::unexpected(usage_exit_code);
    return std::unexpected(busrt::base::print_last("daemoneye-agent", text.str(), 0, 1));
  }
  return line;
}

}  // namespace daemoneye_agent
