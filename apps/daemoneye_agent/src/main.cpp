// daemoneye-agentd, the agent proper, which the keeper (apps/daemoneye_keeper) starts: reads its
// configuration, runs the agent on this thread, and exits 0 after an orderly stop, 1 when it could not run, 2
// for a bad command line or configuration.
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <memory>

#include "agent.hpp"
#include "busrt/base/inherited_signals.hpp"
#include "busrt/base/log_writer.hpp"
#include "busrt/base/main_task.hpp"
#include "busrt/base/print_last.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/base/standard_streams.hpp"
#include "command_line.hpp"
#include "common/complain.hpp"
#include "config/load_config.hpp"
#include "error_sentence.hpp"
#include "logger.hpp"
#include "services.hpp"
#include "start_check.hpp"
#include "supervisor/keeper_connection.hpp"
#include "supervisor/keeper_process_host.hpp"
#include "supervisor/process_host.hpp"
#include "supervisor/settings_check.hpp"
#include "version.hpp"

namespace {

namespace asio = boost::asio;
using daemoneye_agent::Agent;
using daemoneye_agent::Logger;

void wait_for_signal(asio::signal_set& signals, Agent& agent) {
  signals.async_wait([&signals, &agent](const boost::system::error_code& error, int number) {
    if (error) return;
    if (number == SIGHUP) {
      agent.hang_up();
    } else {
      agent.request_stop(number == SIGINT ? "interrupted" : "SIGTERM");
    }
    wait_for_signal(signals, agent);
  });
}

asio::awaitable<int> run_agent(Agent& agent, const Logger& log, asio::signal_set& signals,
                               std::shared_ptr<daemoneye_agent::KeeperConnection> keeper) {
  const auto ran = co_await agent.run();
  if (!ran) log.error("{}", daemoneye_agent::sentence(ran.error()));
  signals.cancel();
  if (keeper) keeper->unwatch();
  co_return ran ? 0 : 1;
}

/// The configuration with its settings checked, those of the collectors by the collectors; or every mistake,
/// and behind them what could not be checked. `check_config`: beyond that, everything that a start would fail
/// at, and the settings of disabled collectors.
std::expected<daemoneye_agent::LoadedConfig, daemoneye_agent::ConfigErrors> load(
    const daemoneye_agent::CommandLine& line) {
  using daemoneye_agent::Asked;
  auto loaded = daemoneye_agent::load_config(line.flags, daemoneye_agent::process_environment());
  if (!loaded) return loaded;
  daemoneye_agent::ConfigCheck checked;
  if (line.check_config) checked = daemoneye_agent::check_start(loaded->config);
  auto settings =
      daemoneye_agent::check_settings(loaded->config, line.check_config ? Asked::all : Asked::enabled);
  std::ranges::move(settings.errors, std::back_inserter(checked.errors));
  std::ranges::move(settings.warnings, std::back_inserter(checked.warnings));
  if (!checked.errors.empty()) {
    std::ranges::move(checked.warnings, std::back_inserter(checked.errors));
    return std::unexpected(std::move(checked.errors));
  }
  std::ranges::move(checked.warnings, std::back_inserter(loaded->warnings));
  return loaded;
}

/// Without a keeper, which is for those who start the agent proper by hand, collectors are its own children.
std::unique_ptr<daemoneye_agent::ProcessHost> make_process_host(
    asio::io_context& io, std::shared_ptr<daemoneye_agent::KeeperConnection> keeper, const Logger& log,
    busrt::base::LogWriter& writer) {
  if (!keeper) return daemoneye_agent::make_child_process_host(io.get_executor());
  return daemoneye_agent::make_keeper_process_host(io.get_executor(), std::move(keeper), [log, &writer] {
    // Its collectors end with it. The kernel kills this process as well, if it still can.
    log.error("the keeper is gone: ending");
    static_cast<void>(writer.flush());
    std::_Exit(1);
  });
}

int run(const daemoneye_agent::LoadedConfig& loaded, busrt::base::ServiceNotifier service,
        std::shared_ptr<daemoneye_agent::KeeperConnection> keeper) {
  busrt::base::LogWriter writer(busrt::base::standard_error_output(), busrt::base::timestamped_format(),
                                loaded.config.log_level.value);
  const Logger log(writer.sink());
  for (const auto& warning : loaded.warnings) log.warn("{}", warning);
  log.info("daemoneye-agent {} (pid {})", daemoneye_agent::version, ::getpid());
  std::signal(SIGPIPE, SIG_IGN);
  asio::io_context io(1);
  const auto host = make_process_host(io, keeper, log, writer);
  Agent agent(io.get_executor(), log, std::move(service));
  daemoneye_agent::add_services(agent, io.get_executor(),
                                {*host, daemoneye_agent::continuity_from(keeper.get(), log)}, loaded.config,
                                log);
  asio::signal_set signals(io);
  for (const int number : busrt::base::signals_not_ignored({SIGINT, SIGTERM, SIGHUP})) signals.add(number);
  wait_for_signal(signals, agent);
  return busrt::base::run_main_task(io, run_agent(agent, log, signals, std::move(keeper)));
}

}  // namespace

int main(int argc, char** argv) {
  busrt::base::reserve_standard_streams();
  busrt::base::reset_inherited_signals();
  // Before a collector is asked to check its settings: none speaks for the agent, nor with its keeper.
  busrt::base::ServiceNotifier service;
  try {
    const auto keeper = daemoneye_agent::KeeperConnection::from_environment();
    if (!keeper) {
      program::complain("daemoneye-agent", keeper.error().describe());
      return 1;
    }
    if (*keeper) {
      service = busrt::base::ServiceNotifier(
          [connection = *keeper](const std::string& text) { return connection->notify(text); });
    }
    const auto line = daemoneye_agent::parse_command_line(argc, argv);
    if (!line) return line.error();
    auto loaded = load(*line);
    if (!loaded) {
      for (const auto& error : loaded.error())
        std::fprintf(stderr, "%s\n", busrt::base::printable(error).c_str());
      return 2;
    }
    if (!line->check_config) return run(*loaded, std::move(service), *keeper);
    for (const auto& warning : loaded->warnings) {
      std::fprintf(stderr, "%s\n", busrt::base::printable(warning).c_str());
    }
    return busrt::base::print_last("daemoneye-agent", daemoneye_agent::print_config(loaded->config), 0, 1);
  } catch (const std::exception& fault) {
    program::complain("daemoneye-agent", fault.what());
    return 1;
  }
}
