#include "system.hpp"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>

#include "busrt/base/inherited_signals.hpp"
#include "busrt/base/standard_streams.hpp"

namespace busrtd {
namespace {

/// A blocked signal would be waited for even where it is ignored.
sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : busrt::base::signals_not_ignored({SIGTERM, SIGINT, SIGHUP}))
    sigaddset(&signals, signal);
  return signals;
}

/// Waits on a thread of its own for the first signal that ends the server, until it is destroyed. Without
/// descriptors for that it waits for none, and the signal stays pending.
class SignalWatch {
 public:
  explicit SignalWatch(std::function<void(int)> on_signal) {
    // SIGHUP stays pending: nothing has been read yet that could be read again.
    sigset_t signals = ending_signals();
    sigdelset(&signals, SIGHUP);
    signals_ = ::signalfd(-1, &signals, SFD_CLOEXEC);
    done_ = ::eventfd(0, EFD_CLOEXEC);
    if (signals_ < 0 || done_ < 0) return;
    thread_ = std::thread([this, notify = std::move(on_signal)] {
      if (const int signal = wait(); signal != 0) notify(signal);
    });
  }
  ~SignalWatch() {
    if (thread_.joinable()) {
      ::eventfd_write(done_, 1);
      thread_.join();
    }
    for (const int descriptor : {signals_, done_}) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  [[nodiscard]] int wait() const {
    std::array<pollfd, 2> waits{{{signals_, POLLIN, 0}, {done_, POLLIN, 0}}};
    while (::poll(waits.data(), waits.size(), -1) < 0 && errno == EINTR) {
    }
    signalfd_siginfo signal{};
    const bool came = (waits[0].revents & POLLIN) != 0;
    if (!came || ::read(signals_, &signal, sizeof signal) != sizeof signal) return 0;
    return static_cast<int>(signal.ssi_signo);
  }

  int signals_ = -1;
  int done_ = -1;
  std::thread thread_;
};

int syslog_priority(busrt::base::LogLevel level) {
  switch (level) {
    case busrt::base::LogLevel::trace:
    case busrt::base::LogLevel::debug:
      return LOG_DEBUG;
    case busrt::base::LogLevel::info:
      return LOG_INFO;
    case busrt::base::LogLevel::warn:
      return LOG_WARNING;
    case busrt::base::LogLevel::error:
      break;
  }
  return LOG_ERR;
}

/// The system log knows the time and the process.
class SystemLog final : public busrt::base::LogOutput {
 public:
  SystemLog() { ::openlog("busrtd", LOG_PID, LOG_USER); }
  ~SystemLog() override { ::closelog(); }
  SystemLog(const SystemLog&) = delete;
  SystemLog& operator=(const SystemLog&) = delete;

  bool write(busrt::base::LogLevel level, std::string_view line) override {
    ::syslog(syslog_priority(level), "%.*s", static_cast<int>(line.size()), line.data());
    return true;
  }
};

bool wants_syslog(const Options& options) {
  if (options.log_syslog) return true;
  const char* disabled = std::getenv("DISABLE_SYSLOG");
  return options.daemonize && (disabled == nullptr || std::string_view(disabled) != "1");
}

}  // namespace

void set_up_process() {
  busrt::base::reserve_standard_streams();
  busrt::base::reset_inherited_signals();
}

EndRequest::EndRequest() {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A peer that goes away is an error of one write, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
}

void EndRequest::during(const std::function<void()>& work, const std::function<void()>& give_up) {
  const SignalWatch watch([this, &give_up](int signal) {
    early_ = signal;
    give_up();
  });
  work();
}

std::string EndRequest::asked() const {
  return early_ == 0 ? std::string() : std::string("SIG") + ::sigabbrev_np(early_);
}

std::string EndRequest::wait(const std::function<void()>& reload) {
  const sigset_t signals = ending_signals();
  int signal = early_;
  while (signal == 0 || signal == SIGHUP) {
    if (signal == SIGHUP) reload();
    signal = 0;
    sigwait(&signals, &signal);
  }
  return std::string("SIG") + ::sigabbrev_np(signal);
}

std::string unavailable(const Options& /*options*/) {
  return {};
}

void raise_connection_limit(const program::Logger& log) {
  // Every client costs a descriptor, so the soft limit goes as far as the hard one.
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  log.debug("descriptor limit: {}", limit.rlim_cur);
}

LogPlace log_place(const Options& options) {
  if (wants_syslog(options)) return {std::make_unique<SystemLog>(), busrt::base::plain_format()};
  return {busrt::base::standard_error_output(), busrt::base::timestamped_format()};
}

long process_id() noexcept {
  return ::getpid();
}

}  // namespace busrtd
