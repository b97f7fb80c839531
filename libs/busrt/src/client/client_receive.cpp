// Receiving: what a read brought is sorted under the lock, and completed outside it.
#include <boost/asio/post.hpp>
#include <utility>

#include "client/ack_outcome.hpp"
#include "client/client_core.hpp"

namespace busrt::detail {

bool ClientCore::deliver(const Connection* from, Batch& batch, Acknowledged& acknowledged, bool healthy) {
  Inbox::Handover handover;
  Acknowledged paused;
  bool go_on = false;
  {
    Lock lock(mutex_);
    if (connection_.get() != from) return false;
    keepalive_.received();
    for (const Ack& ack : batch.acks) take_ack(ack, acknowledged);
    if (batch.oversized != 0) count_oversized(batch);
    if (!batch.frames.empty()) {
      stats_.frames_in += batch.frames.size();
      stats_.bytes_in += batch.frame_bytes;
      inbox_.deliver(batch, handover);
    }
    go_on = !inbox_.pause_reading_if_full(healthy);
    if (!go_on) paused.swap(acknowledged);
    if (!batch.acks.empty()) {
      send_.pump();
      finish_drain_if_empty();
      // What the acks made room for; posted, so that what their callers send next shares the write.
      const SendBuffer& buffer = send_.buffer();
      if (!buffer.queued().empty() && connection_ && !buffer.lane_busy()) flush_soon(lock);
    }
  }
  // Handlers run from here on, at once if this thread runs their executor. If reading is paused, one of them
  // may start it again, so the connection is not touched any more.
  for (auto& [done, result] : go_on ? acknowledged : paused) done.dispatch(std::move(result));
  if (go_on) acknowledged.clear();
  handover.run();
  return go_on;
}

void ClientCore::count_oversized(const Batch& batch) {
  count_loss(ClientLoss::oversized, batch.oversized);
  log(base::LogLevel::warn, "a received frame of " + std::to_string(batch.oversized_bytes) +
                                " bytes is passed over and lost: the limit is " +
                                std::to_string(config_.max_received_body_bytes) + " and its sender's name");
}

void ClientCore::take_ack(const Ack& ack, Acknowledged& acknowledged) {
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
  if (entry->done) acknowledged.emplace_back(std::move(entry->done), ack_outcome(*entry, ack.code));
}

void ClientCore::set_listener(const std::shared_ptr<FrameListener>& listener) {
  const Lock lock(mutex_);
  inbox_.set_listener(listener);
  // What came before, if the client was connected already.
  if (!inbox_.empty()) boost::asio::post(executor_, [listener] { listener->frames_ready(); });
}

/// Returns the connection that is to be read again once the lock is released; null if reading was not paused,
/// or stays paused.
std::shared_ptr<Connection> ClientCore::connection_to_resume() {
  return inbox_.resume_reading() ? connection_ : nullptr;
}

Error ClientCore::no_more_frames() const {
  return state_ == State::connecting || state_ == State::waiting ? Error(errc::not_connected)
                                                                 : inbox_.why_ended();
}

bool ClientCore::take_frame(Frame& out) {
  std::shared_ptr<Connection> resume;
  {
    const Lock lock(mutex_);
    if (!inbox_.take(out)) return false;
    resume = connection_to_resume();
  }
  if (resume) resume->read();
  return true;
}

void ClientCore::receive(Completion<Result<Frame>> done) {
  start_receive(std::move(done));
}
void ClientCore::receive_some(Completion<Result<std::vector<Frame>>> done) {
  start_receive(std::move(done));
}

template <class Done>
void ClientCore::start_receive(Done done) {
  std::shared_ptr<Connection> resume;
  {
    const Lock lock(mutex_);
    if (inbox_.receive(done)) {
      resume = connection_to_resume();
    } else if (!established()) {
      done.post(std::unexpected(no_more_frames()));
    } else {
      if (done.cancellable()) {
        done.on_cancel([weak = weak_from_this(), ticket = inbox_.next_ticket()] {
          if (const auto self = weak.lock()) self->cancel_receive(ticket);
        });
      }
      inbox_.wait(std::move(done));
    }
  }
  if (resume) resume->read();
}

void ClientCore::cancel_receive(std::uint64_t ticket) {
  const Lock lock(mutex_);
  inbox_.cancel(ticket);
}

}  // namespace busrt::detail
