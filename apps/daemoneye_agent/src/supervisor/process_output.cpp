#include "supervisor/process_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace daemoneye_agent {

ProcessOutput::ProcessOutput(const boost::asio::any_io_executor& executor, busrt::base::UniqueFd pipe,
                             std::function<void(std::string_view line)> line)
    : pipe_(executor, pipe.release()), line_(std::move(line)) {
  ::fcntl(pipe_.native_handle(), F_SETFL, O_NONBLOCK);
}

void ProcessOutput::start() {
  read_more();
}

/// Waits and then reads by itself: an asynchronous read may have taken bytes that finish() would not see.
void ProcessOutput::read_more() {
  pipe_.async_wait(
      boost::asio::posix::stream_descriptor::wait_read,
      [self = shared_from_this()](const boost::system::error_code& error) {
        if (error || self->closed_) return;
        const auto got = ::read(self->pipe_.native_handle(), self->buffer_.data(), self->buffer_.size());
        if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return;
        if (got > 0) {
          self->splitter_.feed({self->buffer_.data(), static_cast<std::size_t>(got)}, self->line_);
        }
        self->read_more();
      });
}

void ProcessOutput::finish() {
  if (closed_) return;
  for (;;) {
    const auto got = ::read(pipe_.native_handle(), buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    splitter_.feed({buffer_.data(), static_cast<std::size_t>(got)}, line_);
  }
  splitter_.finish(line_);
  close();
}

void ProcessOutput::close() {
  closed_ = true;
  boost::system::error_code ignored;
  pipe_.close(ignored);
}

}  // namespace daemoneye_agent
