// The way in: what a read brought is handed over under one lock, and completed outside it.
#include <boost/asio/post.hpp>
#include <utility>

#include "client/ack_outcome.hpp"
#include "client/client_core.hpp"

namespace busrt::detail {

bool ClientCore::deliver(const Connection* from, Batch& batch, Confirmed& confirmed, bool healthy) {
  Completion<Result<Frame>> frame_waiter;
  Completion<Result<std::vector<Frame>>> batch_waiter;
  Frame frame;
  std::vector<Frame> frames;
  Confirmed paused;
  std::shared_ptr<FrameListener> listener;
  bool go_on = false;
  {
    Lock lock(mutex_);
    if (connection_.get() != from) return false;
    keepalive_.received();
    for (const Ack& ack : batch.acks) take_ack(ack, confirmed);
    if (batch.oversized != 0) pass_over(batch);
    if (!batch.frames.empty()) {
      stats_.frames_in += batch.frames.size();
      stats_.bytes_in += batch.frame_bytes;
      const std::size_t expected = batch.frames.size();
      events_.push(batch.frames, batch.frame_bytes);
      if (frame_waiter_) {
        frame = events_.pop();
        frame_waiter = std::move(frame_waiter_);
      } else if (listener_) {
        listener = listener_->lock();
      } else if (batch_waiter_) {
        frames = events_.take_all();
        batch_waiter = std::move(batch_waiter_);
      }
      // The vector went to the application with the frames; the next batch is likely as large.
      batch.frames.reserve(expected);
    }
    reading_paused_ = healthy && events_.full();
    go_on = !reading_paused_;
    if (!go_on) paused.swap(confirmed);
    if (!batch.acks.empty()) {
      send_.pump();
      finish_drain_if_empty();
      // What the acks made room for; posted, so that what their callers send next shares the write.
      const SendBuffer& buffer = send_.buffer();
      if (!buffer.queued().empty() && connection_ && !buffer.lane_busy()) flush_soon(lock);
    }
  }
  // Handlers run from here on, at once if this is their executor. Where reading does not go on, one of them
  // may start it again, so nothing of the connection is touched any more.
  for (auto& [done, result] : go_on ? confirmed : paused) done.dispatch(std::move(result));
  if (go_on) confirmed.clear();
  if (frame_waiter) frame_waiter.dispatch(std::move(frame));
  if (batch_waiter) batch_waiter.dispatch(std::move(frames));
  if (listener) listener->frames_ready();
  return go_on;
}

void ClientCore::pass_over(const Batch& batch) {
  count_loss(ClientLoss::oversized, batch.oversized);
  log(base::LogLevel::warn, "a received frame of " + std::to_string(batch.oversized_bytes) +
                                " bytes is passed over and lost: the limit is " +
                                std::to_string(config_.max_received_body_bytes) + " and its sender's name");
}

void ClientCore::take_ack(const Ack& ack, Confirmed& confirmed) {
  if (state_ == State::restoring) {
    restored(ack.op_id, ack.code);
    return;
  }
  // A second ack for an operation, or one after its deadline, is ignored.
  auto entry = send_.acknowledged(ack.op_id);
  if (!entry) return;
  if (!entry->frame.empty()) {
    subscriptions_.answered(std::as_const(entry->frame).data(), static_cast<errc>(ack.code));
  }
  if (entry->done) confirmed.emplace_back(std::move(entry->done), ack_outcome(*entry, ack.code));
}

void ClientCore::set_listener(const std::shared_ptr<FrameListener>& listener) {
  const Lock lock(mutex_);
  listener_ = listener;
  // What came before, if the client was connected already.
  if (!events_.empty()) boost::asio::post(executor_, [listener] { listener->frames_ready(); });
}

/// To be read from again once the lock is released; empty when reading goes on anyway or must not.
std::shared_ptr<Connection> ClientCore::connection_to_resume() {
  if (!reading_paused_ || !events_.has_room()) return nullptr;
  reading_paused_ = false;
  return connection_;
}

Error ClientCore::no_more_frames() const {
  return state_ == State::connecting || state_ == State::waiting ? Error(errc::not_connected) : ended_;
}

bool ClientCore::take_frame(Frame& out) {
  std::shared_ptr<Connection> resume;
  {
    const Lock lock(mutex_);
    if (events_.empty() || frame_waiter_ || batch_waiter_) return false;
    out = events_.pop();
    resume = connection_to_resume();
  }
  if (resume) resume->read();
  return true;
}

void ClientCore::receive(Completion<Result<Frame>> done) {
  std::shared_ptr<Connection> resume;
  {
    const Lock lock(mutex_);
    if (frame_waiter_ || batch_waiter_) {
      done.post(fail(errc::busy, "one receive at a time"));
    } else if (!events_.empty()) {
      done.post(events_.pop());
      resume = connection_to_resume();
    } else if (!established()) {
      done.post(std::unexpected(no_more_frames()));
    } else {
      wait_for_frame(frame_waiter_, std::move(done));
    }
  }
  if (resume) resume->read();
}

void ClientCore::receive_some(Completion<Result<std::vector<Frame>>> done) {
  std::shared_ptr<Connection> resume;
  {
    const Lock lock(mutex_);
    if (frame_waiter_ || batch_waiter_) {
      done.post(fail(errc::busy, "one receive at a time"));
    } else if (!events_.empty()) {
      done.post(events_.take_all());
      resume = connection_to_resume();
    } else if (!established()) {
      done.post(std::unexpected(no_more_frames()));
    } else {
      wait_for_frame(batch_waiter_, std::move(done));
    }
  }
  if (resume) resume->read();
}

template <class R>
void ClientCore::wait_for_frame(Completion<R>& waiter, Completion<R> done) {
  receive_ticket_ = next_ticket_++;
  if (done.cancellable()) {
    done.on_cancel([weak = weak_from_this(), ticket = receive_ticket_] {
      if (const auto self = weak.lock()) self->cancel_receive(ticket);
    });
  }
  waiter = std::move(done);
}

void ClientCore::cancel_receive(std::uint64_t ticket) {
  const auto cancelled = std::make_error_code(std::errc::operation_canceled);
  const Lock lock(mutex_);
  if (receive_ticket_ != ticket) return;
  if (frame_waiter_) frame_waiter_.post(fail(cancelled, "receive was cancelled"));
  if (batch_waiter_) batch_waiter_.post(fail(cancelled, "receive was cancelled"));
}

}  // namespace busrt::detail
