// The double fork, with a pipe for the verdict of the background process.
#include "daemon.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace busrtd {
namespace {

constexpr char verdict_ready = 'r';

/// The process group of the background process, for end_both().
volatile pid_t background = 0;

/// A signal to the command ends what the command has started, too.
void end_both(int number) {
  ::kill(-background, number);
  ::_exit(128 + number);
}

void pass_on_signals(pid_t group) {
  background = group;
  struct sigaction inherited{};
  struct sigaction passed_on{};
  passed_on.sa_handler = end_both;
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    if (::sigaction(number, nullptr, &inherited) == 0 && inherited.sa_handler == SIG_IGN) continue;
    ::sigaction(number, &passed_on, nullptr);
  }
}

/// Ends the calling process with the verdict that comes through the pipe.
[[noreturn]] void exit_with_verdict(int pipe_end) {
  char verdict = 0;
  ssize_t count = 0;
  do {
    count = ::read(pipe_end, &verdict, 1);
  } while (count < 0 && errno == EINTR);
  ::_exit(count == 1 && verdict == verdict_ready ? EXIT_SUCCESS : EXIT_FAILURE);
}

}  // namespace

Daemon::~Daemon() {
  if (report_ >= 0) ::close(report_);
}

busrt::base::Result<> Daemon::detach() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return busrt::base::fail_errno(errno, "going to the background: pipe");
  const pid_t child = ::fork();
  if (child < 0) return busrt::base::fail_errno(errno, "going to the background: fork");
  if (child > 0) {
    ::close(ends[1]);
    ::waitpid(child, nullptr, 0);
    // The child has led a session of its own, and with it a group, before it ended.
    pass_on_signals(child);
    exit_with_verdict(ends[0]);
  }
  ::close(ends[0]);
  ::setsid();
  // The second fork gives up session leadership, and with it the way back to a terminal.
  const pid_t grandchild = ::fork();
  if (grandchild != 0) ::_exit(grandchild > 0 ? EXIT_SUCCESS : EXIT_FAILURE);
  report_ = ends[1];
  return {};
}

busrt::base::Result<> Daemon::ready() {
  if (report_ < 0) return {};
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0) return busrt::base::fail_errno(errno, "going to the background: /dev/null");
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(null, stream);
  if (null > STDERR_FILENO) ::close(null);
  // If the waiting process is gone there is nobody left to tell.
  [[maybe_unused]] const ssize_t told = ::write(report_, &verdict_ready, 1);
  ::close(std::exchange(report_, -1));
  return {};
}

}  // namespace busrtd
