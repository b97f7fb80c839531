#include "supervisor/settings_check.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

#include "busrt/base/printable.hpp"
#include "supervisor/child_process.hpp"
#include "supervisor/supervisor.hpp"

namespace daemoneye_agent {
namespace {

/// By which a collector says that its output is a list of mistakes.
constexpr int exit_settings = 3;

struct Run {
  std::vector<std::string> lines;
  std::optional<ExitStatus> ended;
};

/// The collector's own arguments are checked with its settings.
busrt::base::Result<Run> run_check(const std::string& program, const CollectorSettings& collector,
                                   std::chrono::milliseconds timeout) {
  Run run;
  boost::asio::io_context io(1);
  ChildCallbacks callbacks;
  callbacks.output = [&run](std::string_view line) {
    if (run.lines.size() < max_setting_mistakes) run.lines.push_back(busrt::base::printable(line));
  };
  callbacks.exited = [&run](ExitStatus status) { run.ended = status; };
  std::vector<std::string> command{program, "--check-settings"};
  command.insert(command.end(), collector.args.value.begin(), collector.args.value.end());
  auto child = ChildProcess::spawn(io.get_executor(), command, std::move(callbacks),
                                   boost::json::serialize(collector.settings.value));
  if (!child) return std::unexpected(std::move(child.error()));
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!run.ended && std::chrono::steady_clock::now() < deadline) io.run_one_until(deadline);
  return run;
}

/// The place of the setting that a line `FIELD: mistake` names.
std::string located(const CollectorSettings& collector, const std::string& line) {
  const std::string field = line.substr(0, line.find(": "));
  const auto origin = collector.setting_origins.find(field);
  if (origin == collector.setting_origins.end()) {
    return fmt::format("{}: collectors.{}.settings: {}", collector.settings.origin, collector.name, line);
  }
  return fmt::format("{}: collectors.{}.settings.{}", origin->second, collector.name, line);
}

void check(const CollectorSettings& collector, std::chrono::milliseconds timeout, ConfigCheck& result) {
  const auto unchecked = [&](std::string_view why) {
    result.warnings.push_back(fmt::format("{}: collectors.{}.settings: not checked: {}",
                                          collector.settings.origin, collector.name, why));
  };
  const auto program = find_program(collector.name, collector.path, collector.origin);
  if (!program) {
    if (!collector.enabled.value)
      result.warnings.push_back(program.error().message + "; its settings are not checked");
    return;
  }
  const auto run = run_check(*program, collector, timeout);
  if (!run) return unchecked(run.error().describe());
  if (!run->ended) return unchecked(fmt::format("{} did not end within {} ms", *program, timeout.count()));
  if (!run->ended->by_signal && run->ended->value == 0) return;
  if (run->ended->by_signal || run->ended->value != exit_settings) {
    return unchecked(fmt::format("{} --check-settings ended with {}{}", *program, run->ended->describe(),
                                 run->lines.empty() ? "" : ": " + run->lines.back()));
  }
  for (const std::string& line : run->lines) result.errors.push_back(located(collector, line));
}

}  // namespace

ConfigCheck check_settings(const Config& config, Asked asked, std::chrono::milliseconds timeout) {
  ConfigCheck result;
  for (const auto& collector : config.collectors) {
    const bool wanted = asked == Asked::all || collector.enabled.value;
    const bool has_any = !collector.settings.value.empty() || !collector.args.value.empty();
    if (wanted && has_any) check(collector, timeout, result);
  }
  return result;
}

}  // namespace daemoneye_agent
