#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>

#include "busrt/base/log_writer.hpp"
#include "log_system.hpp"

namespace busrt::base {

namespace {

/// Waits until the descriptor takes bytes, or never will.
void wait_writable() noexcept {
  pollfd target{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  while (::poll(&target, 1, -1) < 0 && errno == EINTR) {
  }
}

class StandardError final : public LogOutput {
 public:
  bool write(LogLevel /*level*/, std::string_view line) override {
    text_.assign(line).push_back('\n');
    std::string_view rest = text_;
    while (!rest.empty()) {
      wait_writable();
      // The system takes this much of one process in one piece, so lines of several do not mix.
      const ssize_t taken = ::write(STDERR_FILENO, rest.data(), std::min<std::size_t>(rest.size(), PIPE_BUF));
      if (taken >= 0) {
        rest.remove_prefix(static_cast<std::size_t>(taken));
      } else if (errno != EINTR && errno != EAGAIN && errno != EWOULDBLOCK) {
        return false;
      }
    }
    return true;
  }

 private:
  std::string text_;
};

}  // namespace

std::unique_ptr<LogOutput> standard_error_output() {
  return std::make_unique<StandardError>();
}

bool standard_error_shows_colours() {
  return ::isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
}

}  // namespace busrt::base
