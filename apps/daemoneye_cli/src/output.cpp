// Written in pieces that a pipe takes whole once poll() says that it takes something, so that a write does
// not block for good and Ctrl-C is always seen.
#include "output.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "busrt/base/closed_output.hpp"

namespace daemoneye_cli {
namespace {

/// PIPE_BUF of Linux.
constexpr std::size_t piece = 4096;
/// How soon Ctrl-C is seen while the reader takes nothing.
constexpr std::chrono::milliseconds look_again{100};

}  // namespace

void Output::put(std::string_view text) {
  if (!open()) return;
  buffer_ += text;
  if (buffer_.size() >= output_buffer) flush();
}

bool Output::flush() {
  std::size_t done = 0;
  while (open() && done < buffer_.size()) {
    if (!wait_writable()) break;
    const ssize_t written = ::write(fd_, buffer_.data() + done, std::min(piece, buffer_.size() - done));
    if (written > 0) {
      done += static_cast<std::size_t>(written);
    } else if (written < 0 && errno != EINTR && errno != EAGAIN) {
      fail(errno);
    }
  }
  buffer_.erase(0, done);
  return open();
}

bool Output::readable() {
  if (open() && busrt::base::output_closed(fd_)) reader_gone_ = true;
  return open();
}

bool Output::wait_writable() {
  using Clock = std::chrono::steady_clock;
  for (;;) {
    pollfd wanted{fd_, POLLOUT, 0};
    const int ready = ::poll(&wanted, 1, static_cast<int>(look_again.count()));
    // An error shows in the write that follows.
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) {
      fail(errno);
      return false;
    }
    if (!ending_()) continue;
    if (give_up_at_ == Clock::time_point::max()) give_up_at_ = Clock::now() + patience_;
    if (Clock::now() < give_up_at_) continue;
    problem_ = fmt::format("standard output: nothing was read for {} ms", patience_.count());
    return false;
  }
}

void Output::fail(int error) {
  if (error == EPIPE) {
    reader_gone_ = true;
  } else {
    problem_ = "standard output: " + std::generic_category().message(error);
  }
}

}  // namespace daemoneye_cli
