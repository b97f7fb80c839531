#include "system.hpp"

#include <windows.h>

#include <atomic>
#include <memory>

namespace busrtd {
namespace {

constexpr DWORD nobody_asked = 0xFFFFFFFF;

// The console's handler is a bare function, so what it tells the main thread lies here.
std::atomic<DWORD> asked_event{nobody_asked};

BOOL WINAPI on_console_event(DWORD event) {
  asked_event.store(event);
  asked_event.notify_all();
  // The system ends the process when this returns, but for the two keys: the main thread ends it in order.
  if (event != CTRL_C_EVENT && event != CTRL_BREAK_EVENT) ::Sleep(INFINITE);
  return TRUE;
}

std::string event_name(DWORD event) {
  switch (event) {
    case CTRL_C_EVENT:
      return "Ctrl-C";
    case CTRL_BREAK_EVENT:
      return "Ctrl-Break";
    case CTRL_CLOSE_EVENT:
      return "the console was closed";
    case CTRL_LOGOFF_EVENT:
      return "the user logs off";
    default:
      return "the system shuts down";
  }
}

}  // namespace

void set_up_process() {
  // Handles are not numbered from zero here: nothing takes the place of a stream that is closed.
}

EndRequest::EndRequest() {
  ::SetConsoleCtrlHandler(&on_console_event, TRUE);
}

void EndRequest::during(const std::function<void()>& work, const std::function<void()>& /*give_up*/) {
  // Nothing that this build does at its start waits for anybody.
  work();
}

std::string EndRequest::asked() const {
  return asked_event.load() == nobody_asked ? std::string() : event_name(asked_event.load());
}

std::string EndRequest::wait(const std::function<void()>& /*reload*/) {
  asked_event.wait(nobody_asked);
  return event_name(asked_event.load());
}

std::string unavailable(const Options& options) {
  if (options.daemonize) return "-D: not available on Windows: start busrtd in a console, or as a task";
  if (options.log_syslog) return "--log-syslog: not available on Windows: the log goes to standard error";
  return {};
}

void raise_connection_limit(const program::Logger& /*log*/) {
  // A process may have as many handles as memory holds.
}

LogPlace log_place(const Options& /*options*/) {
  return {busrt::base::standard_error_output(), busrt::base::timestamped_format()};
}

long process_id() noexcept {
  return static_cast<long>(::GetCurrentProcessId());
}

}  // namespace busrtd
