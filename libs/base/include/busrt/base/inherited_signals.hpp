// Resets the signal state that a process inherits from its parent through exec.
#pragma once

#include <csignal>
#include <initializer_list>
#include <vector>

namespace busrt::base {

/// Resets the inherited signal state. Call it at the start of main(), before the first thread and the first
/// signal handler.
///
/// It unblocks every signal: if the parent blocks SIGTERM when it starts a program, only SIGKILL could end
/// that program. It ignores SIGXFSZ: a write beyond RLIMIT_FSIZE then fails with EFBIG, like a write to a
/// full disk, and does not end the process. It gives SIGCHLD its default action: if SIGCHLD is ignored, the
/// kernel reaps children itself and their exit status is lost. Other signals that the parent ignores stay
/// ignored.
inline void reset_inherited_signals() noexcept {
  sigset_t none;
  sigemptyset(&none);
  static_cast<void>(::sigprocmask(SIG_SETMASK, &none, nullptr));
  static_cast<void>(std::signal(SIGXFSZ, SIG_IGN));
  static_cast<void>(std::signal(SIGCHLD, SIG_DFL));
}

/// Returns those of `numbers` that this process does not ignore. A program installs handlers for these
/// signals only, so that a signal ignored at the start stays ignored. Call it before the first handler is
/// installed.
[[nodiscard]] inline std::vector<int> signals_not_ignored(std::initializer_list<int> numbers) {
  std::vector<int> wanted;
  for (const int number : numbers) {
    struct sigaction present{};
    const bool ignored = ::sigaction(number, nullptr, &present) == 0 && present.sa_handler == SIG_IGN;
    if (!ignored) wanted.push_back(number);
  }
  return wanted;
}

}  // namespace busrt::base
