#include "busrt/base/closed_output.hpp"

#include <poll.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "busrt/base/named_thread.hpp"

namespace busrt::base {

namespace {

/// poll() tells of a reader that has gone whatever it is asked for.
bool wait_for_close(int descriptor, int timeout_ms) noexcept {
  pollfd output{descriptor, 0, 0};
  for (;;) {
    const int ready = ::poll(&output, 1, timeout_ms);
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
  }
}

}  // namespace

bool output_closed(int descriptor) noexcept {
  return wait_for_close(descriptor, 0);
}

void exit_when_output_closes(int descriptor, int code) {
  try {
    start_named_thread("output-watch", [descriptor, code] {
      if (wait_for_close(descriptor, -1)) std::_Exit(code);
    }).detach();
  } catch (const std::system_error&) {
    return;  // the next write shows it
  }
}

}  // namespace busrt::base
