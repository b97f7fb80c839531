// daemoneye-agent, the program that a user starts: the keeper of the agent proper, daemoneye-agentd beside
// it, which gets the whole command line. It ends as the agent ends.
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "busrt/base/inherited_signals.hpp"
#include "busrt/base/log_writer.hpp"
#include "busrt/base/service_notifier.hpp"
#include "busrt/base/standard_streams.hpp"
#include "common/complain.hpp"
#include "keeper.hpp"

namespace {

constexpr const char* program_name = "daemoneye-agent";
constexpr const char* agent_program = "daemoneye-agentd";

/// Lines as the agent writes them. The keeper has no thread to wait on: a line that standard error does not
/// take at once is dropped, since the agent's own lines need the room.
busrt::base::LogSink standard_error_log() {
  return [format = busrt::base::timestamped_format()](busrt::base::LogLevel level, std::string_view line) {
    const std::string text = format(level, std::chrono::system_clock::now(), line) + "\n";
    pollfd room{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&room, 1, 0) == 1 && (room.revents & POLLOUT) != 0) {
      [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
    }
  };
}

/// A descriptor that reads the signals that the keeper handles. Those that its starter has it ignore stay so.
busrt::base::Result<busrt::base::UniqueFd> wait_for_signals() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : busrt::base::signals_not_ignored({SIGTERM, SIGINT, SIGHUP}))
    sigaddset(&handled, number);
  ::sigprocmask(SIG_BLOCK, &handled, nullptr);
  busrt::base::UniqueFd signals(::signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals) return busrt::base::fail_errno(errno, "signalfd");
  return signals;
}

/// Ends this process as the agent has ended.
int end_like(int wait_status) {
  if (!WIFSIGNALED(wait_status)) return WEXITSTATUS(wait_status);
  const int number = WTERMSIG(wait_status);
  ::prctl(PR_SET_DUMPABLE, 0);  // the agent has left a core where one is wanted
  std::signal(number, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, number);
  ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(number);
  return 128 + number;
}

}  // namespace

int main(int argc, char** argv) {
  busrt::base::reserve_standard_streams();
  busrt::base::reset_inherited_signals();
  try {
    std::error_code failed;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
    if (failed) {
      program::complain(program_name, "/proc/self/exe: " + failed.message());
      return 1;
    }
    daemoneye_keeper::KeeperConfig config;
    config.agent = {(own / agent_program).string()};
    config.agent.insert(config.agent.end(), argv + (argc > 0 ? 1 : 0), argv + argc);
    config.sigpipe_ignored = std::signal(SIGPIPE, SIG_IGN) == SIG_IGN;
    config.log = standard_error_log();
    const auto signals = wait_for_signals();
    if (!signals) {
      program::complain(program_name, signals.error().describe());
      return 1;
    }
    daemoneye_keeper::Keeper keeper(std::move(config), busrt::base::ServiceNotifier());
    const auto end = keeper.run(signals->get());
    if (end) return end_like(*end);
    program::complain(program_name, end.error().describe());
    return 1;
  } catch (const std::exception& fault) {
    program::complain(program_name, fault.what());
    return 1;
  }
}
