// busrtd: the broker as a server of its own. Starts by small steps, each undone in reverse order when the
// next one fails or a signal ends the process.
#include <exception>
#include <optional>
#include <string_view>

#include "busrt/base/log_writer.hpp"
#include "busrt/base/service_notifier.hpp"
#include "busrt/broker.hpp"
#include "busrt/metrics.hpp"
#include "common/broker_files.hpp"
#include "common/complain.hpp"
#include "common/error_sentence.hpp"
#include "common/logger.hpp"
#include "daemon.hpp"
#include "options.hpp"
#include "pid_file.hpp"
#include "system.hpp"
#include "token_file.hpp"

namespace busrtd {
namespace {

using program::Logger;

void log_configuration(const Logger& log, const Options& options) {
  const busrt::BrokerConfig& broker = options.broker;
  log.info("starting BUS/RT broker " BUSRT_VERSION);
  log.info("workers: {}, timeout: {} ms, queue: {} frames and {} bytes a client, largest frame: {} bytes",
           broker.shards, broker.timeout.count(), broker.queue_frames, broker.queue_bytes,
           broker.max_body_bytes);
  for (const std::string& note : options.without_effect) log.info("{}", note);
}

/// What asks for a reload, before each line about it.
constexpr std::string_view on_sighup = "SIGHUP: ";

void reload_token(const Options& options, busrt::Broker& broker, const Logger& log) {
  auto token = read_token_file(options.token_file);
  auto taken = token ? broker.set_token(*std::move(token)) : std::unexpected(token.error());
  if (taken) {
    log.info("SIGHUP: the token of {} is in force for new connections", options.token_file);
  } else {
    log.error("SIGHUP: the earlier token stays in force: --token-file {}: {}", options.token_file,
              taken.error().describe());
  }
}

void reload(const Options& options, busrt::Broker& broker, const Logger& log) {
  const bool certificates = options.broker.tls.certificate.has_value();
  if (!options.access_file.empty()) program::reload_access(broker, options.access_file, on_sighup, log);
  if (!options.token_file.empty()) reload_token(options, broker, log);
  if (certificates) program::reload_certificates(broker, on_sighup, log);
  if (options.access_file.empty() && options.token_file.empty() && !certificates) {
    log.info("SIGHUP: no file is to be read again");
  }
}

void log_totals(const Logger& log, const busrt::BrokerStats& stats) {
  log.info("in: {} frames, {} bytes; out: {} frames, {} bytes", stats.frames_in, stats.bytes_in,
           stats.frames_out, stats.bytes_out);
  for (std::size_t cause = 0; cause < busrt::loss_causes; ++cause) {
    if (stats.lost[cause] == 0) continue;
    log.warn("not delivered, {}: {} frames", busrt::to_string(static_cast<busrt::LossCause>(cause)),
             stats.lost[cause]);
  }
}

std::string describe(const std::string& bind, const busrt::Error& error) {
  std::string reason = program::sentence(error);
  return reason.contains(bind) ? reason : "--bind " + bind + ": " + reason;
}

/// Listens at every address. Where the server is asked to end meanwhile, as it may while a name server does
/// not answer, the broker is shut down and the address that was being bound fails.
busrt::Result<> listen(const Options& options, busrt::Broker& broker, EndRequest& end, const Logger& log) {
  busrt::Result<> bound;
  end.during(
      [&] {
        for (const std::string& bind : options.binds) {
          bound = broker.listen(bind);
          if (!bound) {
            bound = busrt::fail(bound.error().code, describe(bind, bound.error()));
            return;
          }
          log.info("listening at {}", bind);
        }
      },
      [&broker] { broker.shutdown(); });
  return bound;
}

/// The service manager that does not listen is no reason to end.
void tell(const Logger& log, const busrt::base::Result<>& told) {
  if (!told) log.warn("the service manager cannot be told: {}", told.error().describe());
}

/// In the foreground the log is on the terminal; otherwise a failing start is told there as well.
int fail_start(const Options& options, const Logger& log, const std::string& reason) {
  log.error("{}", reason);
  if (options.daemonize || options.log_syslog) program::complain("busrtd", reason);
  return EXIT_FAILURE;
}

int run(Options options) {
  Daemon daemon;
  if (options.daemonize) {
    if (auto detached = daemon.detach(); !detached) {
      program::complain("busrtd", detached.error().describe());
      return EXIT_FAILURE;
    }
  }
  const busrt::base::ServiceNotifier service;
  EndRequest end;
  LogPlace place = log_place(options);
  busrt::base::LogWriter writer(std::move(place.output), std::move(place.format),
                                options.verbose ? busrt::base::LogLevel::trace : busrt::base::LogLevel::info);
  const Logger log(writer.sink());
  raise_connection_limit(log);
  log_configuration(log, options);

  auto access = program::load_access(options.access_file);
  if (!access) return fail_start(options, log, program::sentence(access.error()));
  options.broker.access = std::move(*access);
  options.broker.log = log.sink();
  busrt::Broker broker(options.broker);
  const auto listening = listen(options, broker, end, log);
  if (const std::string asked = end.asked(); !asked.empty()) {
    log.info("{}: ended before the start was complete", asked);
    return EXIT_SUCCESS;
  }
  if (!listening) return fail_start(options, log, listening.error().message);
  std::optional<busrt::MetricsServer> metrics;
  if (!options.metrics.empty()) {
    auto started = busrt::MetricsServer::start(broker, options.metrics, log.sink());
    if (!started) return fail_start(options, log, started.error().message);
    metrics = *std::move(started);
    log.info("serving metrics at http://{}/metrics", metrics->address());
  }
  PidFile pid_file;
  if (!options.pid_file.empty()) {
    if (auto written = pid_file.write(options.pid_file); !written) {
      return fail_start(options, log, written.error().describe());
    }
  }
  // In the background standard error is closed from here on, and where it leads may end.
  writer.flush();
  if (auto ready = daemon.ready(); !ready) return fail_start(options, log, ready.error().describe());
  log.info("BUS/RT broker started");
  tell(log, service.ready());

  const std::string asked = end.wait([&] {
    tell(log, service.reloading());
    reload(options, broker, log);
    tell(log, service.ready());
  });
  log.info("{}: shutting down", asked);
  tell(log, service.stopping());
  broker.shutdown();
  log_totals(log, broker.stats());
  log.info("stopped");
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace busrtd

int main(int argc, char** argv) {
  busrtd::set_up_process();
  try {
    busrtd::Parsed parsed = busrtd::parse_options(argc, argv);
    return parsed.options ? busrtd::run(std::move(*parsed.options)) : parsed.exit_code;
  } catch (const std::exception& fault) {
    program::complain("busrtd", fault.what());
    return EXIT_FAILURE;
  }
}
