// A collector program: one source, one runtime, one event loop, one thread.

#include "daemoneye/collector/collector_main.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "busrt/base/inherited_signals.hpp"
#include "busrt/base/log_writer.hpp"
#include "busrt/base/print_last.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/base/standard_streams.hpp"
#include "daemoneye/collector/runtime.hpp"
#include "program/options.hpp"

namespace daemoneye::collector {
namespace {

namespace asio = boost::asio;

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_settings = 3;

int leave(std::string_view program, const EarlyExit& exit) {
  if (exit.code == 0) return busrt::base::print_last(program, exit.text, 0, exit_failed);
  std::fputs(busrt::base::printable_lines(exit.text).c_str(), stderr);
  return exit.code;
}

/// Tries each setting alone, so that every wrong one is named, and then all together.
std::string settings_mistakes(EventSource& source, const boost::json::object& settings) {
  std::string mistakes;
  for (const auto& member : settings) {
    const auto alone = source.configure({{member.key(), member.value()}});
    if (!alone) mistakes += busrt::base::printable(alone.error().message) + "\n";
  }
  if (!mistakes.empty()) return mistakes;
  const auto together = source.configure(settings);
  return together ? std::string() : busrt::base::printable(together.error().message) + "\n";
}

int check_settings(EventSource& source, const boost::json::object& settings) {
  const std::string mistakes = settings_mistakes(source, settings);
  return busrt::base::print_last(source.name(), mistakes, mistakes.empty() ? 0 : exit_settings, exit_failed);
}

const char* signal_name(int number) {
  return number == SIGINT ? "SIGINT" : "SIGTERM";
}

/// The collector's socket to the keeper that has started it (apps/daemoneye_keeper), or -1. It is not
/// inherited.
int take_keeper_socket() {
  constexpr const char* variable = "DAEMONEYE_KEEPER";
  const char* const value = std::getenv(variable);
  const std::string_view number = value == nullptr ? "" : value;
  int fd = -1;
  std::from_chars(number.data(), number.data() + number.size(), fd);
  ::unsetenv(variable);
  return fd > STDERR_FILENO && ::fcntl(fd, F_SETFD, FD_CLOEXEC) == 0 ? fd : -1;
}

int serve(Runtime& runtime, asio::io_context& context, const busrt::base::LogSink& log) {
  asio::posix::stream_descriptor keeper(context);
  if (const int fd = take_keeper_socket(); fd >= 0) {
    keeper.assign(fd);
    // The keeper sends nothing: what can be read is the end. It comes where PR_SET_PDEATHSIG is lost, too.
    keeper.async_wait(asio::posix::stream_descriptor::wait_read,
                      [&runtime](const boost::system::error_code& error) {
                        if (!error) runtime.request_stop("the keeper is gone");
                      });
  }
  asio::signal_set signals(context);
  for (const int number : busrt::base::signals_not_ignored({SIGTERM, SIGINT})) signals.add(number);
  signals.async_wait([&runtime](const boost::system::error_code& error, int number) {
    if (!error) runtime.request_stop(signal_name(number));
  });
  int code = exit_failed;
  asio::co_spawn(context, runtime.run(),
                 [&](const std::exception_ptr& fault, busrt::base::Result<RunEnd> end) {
                   signals.cancel();
                   keeper.close();
                   if (fault) std::rethrow_exception(fault);
                   if (!end) {
                     log(busrt::base::LogLevel::error, end.error().describe());
                     code = exit_usage;
                   } else {
                     code = *end == RunEnd::requested ? 0 : exit_failed;
                   }
                 });
  context.run();
  return code;
}

}  // namespace

int run_collector(std::unique_ptr<EventSource> source, int argc, char** argv) {
  busrt::base::reserve_standard_streams();
  busrt::base::reset_inherited_signals();
  const std::string source_name(source->name());
  auto parsed = parse_options(source_name, argc, argv);
  if (const auto* const exit = std::get_if<EarlyExit>(&parsed); exit != nullptr)
    return leave(source_name, *exit);
  auto& options = std::get<CollectorOptions>(parsed);
  if (options.check_settings) return check_settings(*source, options.settings);
  if (!options.settings.empty()) {
    if (const auto configured = source->configure(options.settings); !configured) {
      return leave(source_name,
                   {exit_usage, source_name + ": --settings: " + configured.error().message + "\n"});
    }
  }
  // A log line to a terminal or an agent that is gone must not end the program before it has stopped in
  // order.
  static_cast<void>(std::signal(SIGPIPE, SIG_IGN));
  // The agent reads the lines and gives them their time; it may be late, and the collector goes on.
  const busrt::base::LogWriter writer(busrt::base::standard_error_output(),
                                      busrt::base::named_format(options.name), options.log_level);
  const busrt::base::LogSink log = writer.sink();
  try {
    asio::io_context context(1);
    RuntimeConfig config;
    config.name = options.name;
    config.address = options.bus;
    config.log = log;
    std::vector<std::unique_ptr<EventSource>> sources;
    sources.push_back(std::move(source));
    Runtime runtime(context.get_executor(), std::move(config), std::move(sources));
    return serve(runtime, context, log);
  } catch (const std::exception& fault) {
    log(busrt::base::LogLevel::error, std::string("ended by a fault: ") + fault.what());
    return exit_failed;
  }
}

}  // namespace daemoneye::collector
