#include "supervisor/process_output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
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

void ProcessOutput::read_more() {
  pipe_.async_read_some(boost::asio::buffer(buffer_),
                        [self = shared_from_this()](const boost::system::error_code& error, std::size_t got) {
                          if (error || self->closed_) return;
                          self->splitter_.feed({self->buffer_.data(), got}, self->line_);
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
