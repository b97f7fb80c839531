// CLI11 behind one function, because it takes seconds to compile.
#include "options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <sstream>

#include "busrt/base/print_last.hpp"
#include "busrt/base/printable.hpp"
#include "common/command_failure.hpp"
#include "watch_pattern.hpp"

namespace daemoneye_cli {

namespace {

/// CLI11's own check for a positive number prints the largest double as the upper bound.
std::string whole_number(const std::string& text) {
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
  const bool fits = digits && text.size() <= 18 && text.find_first_not_of('0') != std::string::npos;
  return fits ? std::string() : "found \"" + text + "\", expected a whole number from 1";
}

}  // namespace

std::expected<Options, int> parse_options(int argc, const char* const* argv) {
  CLI::App app("Shows what the DaemonEye agent of this host sees and how it is.", "daemoneye");
  app.failure_message(command_line::describe_failure);
  // Subcommands inherit it, so that `daemoneye status --json` works as well as `daemoneye --json status`.
  app.fallthrough();
  Options options;
  double wait_seconds = 0;
  app.add_option("--bus", options.bus, "Address of the agent's bus")
      ->envname("DAEMONEYE_BUS")
      ->type_name("ADDRESS")
      ->capture_default_str();
  app.add_flag("--json", options.json, "For programs: JSON, one event a line; remarks go to standard error");
  app.add_option("--wait", wait_seconds, "Wait so long for an agent that is not up yet")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.0, 86400.0));
  app.set_version_flag("--version", "daemoneye " DAEMONEYE_VERSION);
  auto* watch = app.add_subcommand("watch", "Live events, until Ctrl-C");
  watch->add_option("pattern", options.pattern, "Topics: ? stands for one segment, * for the rest")
      ->type_name("PATTERN")
      ->capture_default_str();
  watch->add_option("--count", options.count, "End after so many events")
      ->type_name("N")
      ->check(whole_number);
  auto* status = app.add_subcommand("status", "Collectors, bus, and whether the picture is complete");
  status->add_flag("--strict", options.strict,
                   "Exit with 1 also when all is well now and something was missing before");
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 well now; 1 status: degraded now, or with --strict not complete since the agent's "
      "start;\n"
      "2 no agent at the address, or a bad command line; 3 standard output could not be written.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    std::ostringstream text;
    const bool asked_for = app.exit(problem, text, std::cerr) == 0;
    if (!asked_for) return std::unexpected(exit_code::unreachable);
    return std::unexpected(
        busrt::base::print_last("daemoneye", text.str(), exit_code::ok, exit_code::output_failed));
  }
  if (const std::string wrong = pattern_problem(options.pattern); !wrong.empty()) {
    fmt::print(stderr,
               "daemoneye: the pattern \"{}\" {}; expected topics, such as events.* or events.process.exec\n",
               busrt::base::printable(options.pattern), busrt::base::printable(wrong));
    return std::unexpected(exit_code::unreachable);
  }
  options.command = status->parsed() ? Options::Command::status : Options::Command::watch;
  options.wait = std::chrono::milliseconds(static_cast<std::int64_t>(wait_seconds * 1000));
  return options;
}

}  // namespace daemoneye_cli
