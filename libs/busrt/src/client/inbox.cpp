#include "client/inbox.hpp"

#include <system_error>

namespace busrt::detail {

void Inbox::Handover::run() {
  if (frame_done_) frame_done_.dispatch(std::move(frame_));
  if (frames_done_) frames_done_.dispatch(std::move(frames_));
  if (listener_) listener_->frames_ready();
}

void Inbox::deliver(Batch& batch, Handover& handover) {
  const std::size_t expected = batch.frames.size();
  queue_.push(batch.frames, batch.frame_bytes);
  if (frame_done_) {
    handover.frame_ = queue_.pop();
    handover.frame_done_ = std::move(frame_done_);
  } else if (listener_) {
    handover.listener_ = listener_->lock();
  } else if (frames_done_) {
    handover.frames_ = queue_.take_all();
    handover.frames_done_ = std::move(frames_done_);
  }
  // The vector went to the application with the frames; the next batch is likely as large.
  batch.frames.reserve(expected);
}

bool Inbox::take(Frame& out) {
  if (queue_.empty() || pending()) return false;
  out = queue_.pop();
  return true;
}

bool Inbox::receive(FrameDone& done) {
  if (pending()) {
    done.post(fail(errc::busy, "one receive at a time"));
  } else if (!queue_.empty()) {
    done.post(queue_.pop());
  } else {
    return false;
  }
  return true;
}

bool Inbox::receive(FramesDone& done) {
  if (pending()) {
    done.post(fail(errc::busy, "one receive at a time"));
  } else if (!queue_.empty()) {
    done.post(queue_.take_all());
  } else {
    return false;
  }
  return true;
}

void Inbox::wait(FrameDone done) noexcept {
  ++ticket_;
  frame_done_ = std::move(done);
}

void Inbox::wait(FramesDone done) noexcept {
  ++ticket_;
  frames_done_ = std::move(done);
}

void Inbox::cancel(std::uint64_t ticket) {
  if (ticket != ticket_) return;
  fail_pending({std::make_error_code(std::errc::operation_canceled), "receive was cancelled"});
}

void Inbox::fail_pending(const Error& why) {
  if (frame_done_) frame_done_.post(std::unexpected(why));
  if (frames_done_) frames_done_.post(std::unexpected(why));
}

Inbox::Abandoned Inbox::abandon() noexcept {
  return {std::move(frame_done_), std::move(frames_done_)};
}

}  // namespace busrt::detail
