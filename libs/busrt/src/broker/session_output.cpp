#include "broker/session_output.hpp"

#include <utility>

namespace busrt::broker {

bool SessionOutput::write(Clock::time_point now) {
  if (blocked_ || queue_.empty() || end_.reason() == CloseReason::io_error) return false;
  const auto flushed = queue_.flush(stream_);
  if (flushed.bytes != 0) last_write_ = now;
  taken_ += flushed.bytes;
  if (endpoint_ != nullptr) {
    endpoint_->depth.local_frames.subtract(flushed.frames);
    endpoint_->depth.local_bytes.subtract(flushed.frame_bytes);
  }
  switch (flushed.status) {
    case transport::IoResult::Status::ok:
      break;
    case transport::IoResult::Status::would_block:
      blocked_ = true;
      update_interest();
      break;
    case transport::IoResult::Status::closed:
      // The client may have written its last frames before it left, so what it sent is still read, to its
      // end.
      blocked_ = true;
      write_ended_ = true;
      update_interest();
      break;
    case transport::IoResult::Status::failed:
      end_.close_failed(flushed.error, stream_);
      return false;
  }
  return true;
}

void SessionOutput::add_publisher(EndpointRef publisher, std::size_t frame_bytes, Clock::time_point now) {
  if (publishers_.empty()) stall_.begin(now, taken_);
  publishers_.add(std::move(publisher), frame_bytes);
}

bool SessionOutput::kept_up(Clock::time_point now) noexcept {
  if (!stall_.kept_up(now, taken_)) return false;
  stall_.begin(now, taken_);
  return true;
}

}  // namespace busrt::broker
