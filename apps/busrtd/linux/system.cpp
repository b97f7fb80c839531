#include "system.hpp"

#include <pthread.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/syslog_sink.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/inherited_signals.hpp"
#include "base/standard_streams.hpp"

namespace busrtd {
namespace {

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

bool wants_syslog(const Options& options) {
  if (options.log_syslog) return true;
  const char* disabled = std::getenv("DISABLE_SYSLOG");
  return options.daemonize && (disabled == nullptr || std::string_view(disabled) != "1");
}

}  // namespace

void set_up_process() {
  base::reserve_standard_streams();
  base::reset_inherited_signals();
}

EndRequest::EndRequest() {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A peer that goes away is an error of one write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

std::string EndRequest::wait(const std::function<void()>& reload) {
  const sigset_t signals = ending_signals();
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal != SIGHUP) return std::string("SIG") + ::sigabbrev_np(signal);
    reload();
  }
}

std::string unavailable(const Options& /*options*/) {
  return {};
}

void raise_connection_limit(spdlog::logger& log) {
  // Every client costs a descriptor, so the soft limit goes as far as the hard one.
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  log.debug("descriptor limit: {}", limit.rlim_cur);
}

spdlog::sink_ptr make_log_sink(const Options& options) {
  if (wants_syslog(options)) {
    auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>("busrtd", LOG_PID, LOG_USER, true);
    sink->set_pattern("%v");
    return sink;
  }
  auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
  sink->set_pattern("%Y-%m-%dT%H:%M:%S%z %^%-5l%$ %v");
  return sink;
}

long process_id() noexcept {
  return ::getpid();
}

}  // namespace busrtd
