// Between fork and exec the child makes only async-signal-safe calls; what it needs is made before.
#include "spawn.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <string_view>

#include "daemoneye_keeper/protocol/message.hpp"

// glibc 2.36 forgot to give this header C linkage.
extern "C" {
#include <sys/pidfd.h>
}

namespace daemoneye_keeper {
namespace {

using busrt::base::UniqueFd;

struct Ends {
  UniqueFd read, write;
};

busrt::base::Result<Ends> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return busrt::base::fail_errno(errno, "pipe");
  return Ends{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

struct Pair {
  UniqueFd ours, theirs;
};

busrt::base::Result<Pair> make_socket_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
    return busrt::base::fail_errno(errno, "socket pair");
  return Pair{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

/// argv or environ as exec takes it. `strings` has to outlive it.
std::vector<char*> pointers(const std::vector<std::string>& strings) {
  std::vector<char*> raw;
  for (const auto& text : strings) raw.push_back(const_cast<char*>(text.c_str()));
  raw.push_back(nullptr);
  return raw;
}

/// The keeper's environment with the number of the child's socket.
std::vector<std::string> environment_with(int socket) {
  const std::string name = std::string(socket_variable) + "=";
  std::vector<std::string> variables{name + std::to_string(socket)};
  for (char** each = environ; *each != nullptr; ++each) {
    if (!std::string_view(*each).starts_with(name)) variables.emplace_back(*each);
  }
  return variables;
}

[[noreturn]] void give_up(int report) noexcept {
  const int error = errno;
  [[maybe_unused]] const auto written = ::write(report, &error, sizeof error);
  ::_exit(127);
}

void clear_signal_mask() noexcept {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Of an exec that failed, or 0 once the pipe ended by exec.
int exec_error(int report) noexcept {
  int error = 0;
  ssize_t got = 0;
  do {
    got = ::read(report, &error, sizeof error);
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof error) ? error : 0;
}

void kill_and_reap(pid_t pid) noexcept {
  ::kill(pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

busrt::base::Result<UniqueFd> open_pidfd(pid_t pid) {
  UniqueFd pidfd(::pidfd_open(pid, 0));
  if (pidfd) return pidfd;
  const int error = errno;
  kill_and_reap(pid);
  return busrt::base::fail_errno(error, "pidfd");
}

}  // namespace

busrt::base::Result<Started> spawn_agent(const std::vector<std::string>& argv, bool sigpipe_ignored) {
  auto pair = make_socket_pair();
  if (!pair) return std::unexpected(pair.error());
  auto report = make_pipe();
  if (!report) return std::unexpected(report.error());
  const auto variables = environment_with(pair->theirs.get());
  const auto environment = pointers(variables);
  const auto arguments = pointers(argv);
  const pid_t keeper = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return busrt::base::fail_errno(errno, "fork for " + argv.front());
  if (child == 0) {
    const int failed = report->write.get();
    if (::setpgid(0, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up(failed);
    // The keeper may have died before the prctl.
    if (::getppid() != keeper) ::_exit(127);
    if (::fcntl(pair->theirs.get(), F_SETFD, 0) != 0) give_up(failed);
    clear_signal_mask();
    // Its group is no foreground group of the terminal; its log may go there all the same (`stty tostop`).
    ::signal(SIGTTOU, SIG_IGN);
    ::signal(SIGXFSZ, SIG_DFL);
    ::signal(SIGPIPE, sigpipe_ignored ? SIG_IGN : SIG_DFL);
    ::execve(arguments[0], arguments.data(), environment.data());
    give_up(failed);
  }
  report->write.reset();
  if (const int error = exec_error(report->read.get()); error != 0) {
    kill_and_reap(child);
    return busrt::base::fail_errno(error, argv.front());
  }
  auto pidfd = open_pidfd(child);
  if (!pidfd) return std::unexpected(pidfd.error());
  return Started{child, std::move(*pidfd), std::move(pair->ours)};
}

busrt::base::Result<StartedCollector> spawn_collector(const std::vector<std::string>& argv, int input) {
  auto pair = make_socket_pair();
  if (!pair) return std::unexpected(pair.error());
  auto output = make_pipe();
  if (!output) return std::unexpected(output.error());
  auto report = make_pipe();
  if (!report) return std::unexpected(report.error());
  auto gate = make_pipe();
  if (!gate) return std::unexpected(gate.error());
  const auto variables = environment_with(pair->theirs.get());
  const auto environment = pointers(variables);
  const auto arguments = pointers(argv);
  const pid_t keeper = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return busrt::base::fail_errno(errno, "fork for " + argv.front());
  if (child == 0) {
    const int failed = report->write.get();
    gate->write.reset();  // or its own copy would keep the gate shut
    if (::setpgid(0, 0) != 0 || ::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) give_up(failed);
    char go = 0;
    while (::read(gate->read.get(), &go, 1) < 0 && errno == EINTR) {
    }
    // The keeper's death opens the gate as well.
    if (::getppid() != keeper) ::_exit(127);
    clear_signal_mask();
    // What the keeper itself has changed, or needs: it ends a collector by SIGTERM. What its starter has it
    // ignore besides, such as SIGHUP by nohup, the collector ignores as well.
    for (const int number : {SIGPIPE, SIGTERM, SIGCHLD, SIGXFSZ}) ::signal(number, SIG_DFL);
    if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output->write.get(), STDOUT_FILENO) < 0 ||
        ::dup2(output->write.get(), STDERR_FILENO) < 0) {
      give_up(failed);
    }
    // The keeper's own close by exec already. Those that it has inherited are not the collector's either: a
    // socket or a lock of its starter would live on in a collector.
    ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    if (::fcntl(pair->theirs.get(), F_SETFD, 0) != 0) give_up(failed);
    ::execve(arguments[0], arguments.data(), environment.data());
    give_up(failed);
  }
  auto pidfd = open_pidfd(child);
  if (!pidfd) return std::unexpected(pidfd.error());
  StartedCollector started;
  started.pid = child;
  started.pidfd = std::move(*pidfd);
  started.socket = std::move(pair->ours);
  started.output = std::move(output->read);
  started.gate = std::move(gate->write);
  started.report = std::move(report->read);
  return started;
}

}  // namespace daemoneye_keeper
