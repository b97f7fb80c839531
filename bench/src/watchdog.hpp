// Ends a benchmark that no longer gets on: a lost message would otherwise be waited for without end.
#pragma once

#include <unistd.h>

#include <csignal>
#include <cstring>

namespace bench {

/// What any measurement gets by with, 20 times over.
inline constexpr unsigned watchdog_seconds = 120;

/// While it lives, the process has this many seconds, then it says so and ends; its children die with it.
/// One at a time.
class Watchdog {
 public:
  explicit Watchdog(unsigned seconds) {
    std::signal(SIGALRM, [](int) {
      // Nothing but a system call is allowed here.
      constexpr char text[] = "benchmark: no end in sight, a message was lost or the broker hangs\n";
      [[maybe_unused]] const auto put = ::write(STDERR_FILENO, text, sizeof text - 1);
      ::_exit(1);
    });
    ::alarm(seconds);
  }
  ~Watchdog() { ::alarm(0); }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
};

}  // namespace bench
