// fork and exec by hand: posix_spawn knows no PR_SET_PDEATHSIG. Between fork and exec only async-signal-safe
// calls.
#include "supervisor/child_process.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "busrt/base/unique_fd.hpp"
#include "supervisor/collector_input.hpp"
#include "supervisor/process_output.hpp"

// glibc 2.36 forgot to give this header C linkage.
extern "C" {
#include <sys/pidfd.h>
}

namespace daemoneye_agent {
namespace {

using Fd = busrt::base::UniqueFd;

struct Pipe {
  Fd read, write;
};

busrt::base::Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return busrt::base::fail_errno(errno, "pipe for a collector");
  return Pipe{Fd(ends[0]), Fd(ends[1])};
}

/// Runs in the child. Everything it needs was made before the fork.
[[noreturn]] void become(char* const* argv, pid_t parent, int input_fd, int output_fd, int report_fd,
                         int gate_fd) noexcept {
  const auto give_up = [report_fd](int error) {
    [[maybe_unused]] const auto written = ::write(report_fd, &error, sizeof error);
    ::_exit(127);
  };
  if (::setpgid(0, 0) != 0) give_up(errno);
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) give_up(errno);
  // Until the parent has told whom it concerns. It holds the other end, so its death opens the gate as well.
  char go = 0;
  while (::read(gate_fd, &go, 1) < 0 && errno == EINTR) {
  }
  // The agent may have died before the prctl; then nobody would ever end this process.
  if (::getppid() != parent) ::_exit(127);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // What the agent itself has changed, or needs: it ends a collector by SIGTERM. What its starter has it
  // ignore besides, such as SIGHUP by nohup, the collector ignores as well.
  for (const int number : {SIGPIPE, SIGTERM, SIGCHLD, SIGXFSZ}) ::signal(number, SIG_DFL);
  if (::dup2(input_fd, STDIN_FILENO) < 0 || ::dup2(output_fd, STDOUT_FILENO) < 0 ||
      ::dup2(output_fd, STDERR_FILENO) < 0) {
    give_up(errno);
  }
  // The agent's own close by exec already. Those that the agent has inherited are not the collector's either:
  // a socket or a lock of its starter would live on in a collector.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
  ::execv(argv[0], argv);
  give_up(errno);
  ::_exit(127);
}

/// The errno of a failed exec, or nothing once the pipe closed by exec.
std::optional<int> exec_failure(int report_fd) {
  int error = 0;
  for (;;) {
    const auto got = ::read(report_fd, &error, sizeof error);
    if (got < 0 && errno == EINTR) continue;
    if (got == static_cast<ssize_t>(sizeof error)) return error;
    return std::nullopt;
  }
}

/// Takes the child's status, and ends what the child has started and left behind in its process group. Until
/// then the number of the group cannot come to mean another one.
ExitStatus reap(pid_t pid) {
  ::kill(-pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
  return {false, WEXITSTATUS(status)};
}

}  // namespace

/// Kept alive by its pending waits; `abandoned` stops callbacks after the owner is gone.
struct ChildProcess::Core : std::enable_shared_from_this<Core> {
  Core(boost::asio::any_io_executor executor, pid_t child, Fd pidfd_in, Fd output_in,
       ChildCallbacks callbacks_in)
      : pid(child),
        pidfd(executor, pidfd_in.release()),
        callbacks(std::move(callbacks_in)),
        output(std::make_shared<ProcessOutput>(executor, std::move(output_in), callbacks.output)) {}

  void watch() {
    pidfd.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& error) {
                       if (!error) self->ended();
                     });
    output->start();
  }

  /// The process is gone; what it wrote last is still in the pipe.
  void ended() {
    if (abandoned || reaped) return;
    if (callbacks.ending) callbacks.ending();
    const ExitStatus status = reap(pid);
    reaped = true;
    output->finish();
    close();
    callbacks.exited(status);
  }

  void close() {
    boost::system::error_code ignored;
    pidfd.close(ignored);
    output->close();
  }

  pid_t pid;
  boost::asio::posix::stream_descriptor pidfd;
  ChildCallbacks callbacks;
  std::shared_ptr<ProcessOutput> output;
  bool reaped = false;
  bool abandoned = false;
};

busrt::base::Result<std::unique_ptr<ChildProcess>> ChildProcess::spawn(boost::asio::any_io_executor executor,
                                                                       const std::vector<std::string>& argv,
                                                                       ChildCallbacks callbacks,
                                                                       std::string_view input) {
  std::vector<char*> raw;
  for (const auto& arg : argv) raw.push_back(const_cast<char*>(arg.c_str()));
  raw.push_back(nullptr);
  auto stdin_end = make_collector_input(input);
  if (!stdin_end) return std::unexpected(stdin_end.error());
  auto output = make_pipe();
  if (!output) return std::unexpected(output.error());
  auto report = make_pipe();
  if (!report) return std::unexpected(report.error());

  auto gate = make_pipe();
  if (!gate) return std::unexpected(gate.error());

  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0) return busrt::base::fail_errno(errno, "fork for " + argv.front());
  if (child == 0) {
    ::close(gate->write.get());  // or its own copy would keep the gate shut
    become(raw.data(), parent, stdin_end->get(), output->write.get(), report->write.get(), gate->read.get());
  }
  if (callbacks.starting) callbacks.starting(child);
  gate->write.reset();
  output->write.reset();
  report->write.reset();
  if (const auto error = exec_failure(report->read.get())) {
    if (callbacks.ending) callbacks.ending();
    static_cast<void>(reap(child));
    return busrt::base::fail_errno(*error, argv.front());
  }
  // Only this class reaps, so until it does the pid cannot come to mean another process.
  Fd pidfd(::pidfd_open(child, 0));
  if (pidfd.get() < 0) {
    const int error = errno;
    ::kill(child, SIGKILL);
    if (callbacks.ending) callbacks.ending();
    static_cast<void>(reap(child));
    return busrt::base::fail_errno(error, "pidfd for " + argv.front());
  }
  auto core = std::make_shared<Core>(std::move(executor), child, std::move(pidfd), std::move(output->read),
                                     std::move(callbacks));
  core->watch();
  return std::unique_ptr<ChildProcess>(new ChildProcess(std::move(core)));
}

ChildProcess::~ChildProcess() {
  if (core_->reaped) return;
  signal(SIGKILL);
  static_cast<void>(reap(core_->pid));
  core_->reaped = true;
  core_->abandoned = true;
  core_->close();
}

pid_t ChildProcess::pid() const noexcept {
  return core_->pid;
}

void ChildProcess::signal(int number) noexcept {
  if (core_->reaped) return;
  static_cast<void>(::pidfd_send_signal(core_->pidfd.native_handle(), number, nullptr, 0));
}

}  // namespace daemoneye_agent
