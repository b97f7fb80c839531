// From one connection to the next: attempts, what a lost connection takes with it, and what is restored
// before the outbox goes out again.
#include <algorithm>
#include <random>
#include <utility>

#include "client/client_core.hpp"
#include "client/cut_frames.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

namespace {

/// Refusals that another attempt would only repeat.
bool is_final(const std::error_code& code) {
  return code == errc::access || code == errc::data || code == errc::not_supported ||
         code == errc::bad_address || code == errc::closed;
}

/// Whether what was sent may be why the connection ended. One on which nothing is heard is ended by this
/// side.
bool by_peer(DisconnectReason reason) {
  return reason == DisconnectReason::closed_by_broker || reason == DisconnectReason::broken ||
         reason == DisconnectReason::garbage;
}

/// In [0, 1). Clients that lost one broker at one moment must not draw the same. From the system each time:
/// it is rare, and an engine would be one more thing that a simulation cannot begin anew.
double draw() {
  std::random_device source;
  return std::generate_canonical<double, 32>(source);
}

}  // namespace

void ClientCore::announce(ConnectionState state, std::chrono::milliseconds retry_in) {
  board_.set({state, board_reason_.reason, board_reason_.error, board_reason_.message, attempts_,
              stats_.connections, retry_in, 0});
}

/// The lock is released while the attempt is started, and held again on return.
void ClientCore::begin_attempt(Lock& lock) {
  state_ = State::connecting;
  ++attempts_;
  const std::uint64_t generation = ++generation_;
  step_deadline_ = Clock::now() + config_.timeout;
  arm_timer();
  announce(established_ ? ConnectionState::reconnecting : ConnectionState::connecting);
  // Not under the lock: the attempt may end on another thread before this call does.
  lock.unlock();
  auto attempt = open_stream(executor_, config_,
                             [self = shared_from_this(), generation](Result<std::unique_ptr<Stream>> stream) {
                               self->opened(generation, std::move(stream));
                             });
  lock.lock();
  if (generation_ == generation && !connection_) {
    attempt_ = std::move(attempt);
  } else if (generation_ != generation) {
    lock.unlock();
    attempt->cancel();
    lock.lock();
  }
}

void ClientCore::opened(std::uint64_t generation, Result<std::unique_ptr<Stream>> stream) {
  std::shared_ptr<Connection> connection;
  {
    const Lock lock(mutex_);
    if (generation_ != generation) return;
    attempt_.reset();
    if (!stream) {
      fail_connection(DisconnectReason::unreachable, stream.error());
      return;
    }
    connection_ = std::make_shared<Connection>(shared_from_this(), *std::move(stream), config_.name,
                                               config_.max_received_body_bytes);
    connection = connection_;
    written_ = exposed_ = 0;
    step_deadline_ = Clock::now() + config_.timeout;
  }
  connection->read();
}

void ClientCore::registered(const Connection* from) {
  Lock lock(mutex_);
  if (connection_.get() != from || state_ != State::connecting) return;
  ++stats_.connections;
  heard_ = sent_ = true;
  restoration_.begin(subscriptions_, config_.max_body_bytes, queued_, op_ids_);
  if (restoration_.complete()) {
    become_up();
  } else {
    state_ = State::restoring;
    step_deadline_ = Clock::now() + config_.timeout;
    arm_timer();
  }
  if (!queued_.empty()) flush_now(lock);
}

/// The broker has answered one of the requests that restore the subscriptions.
void ClientCore::restored(std::uint32_t op_id, std::uint8_t code) {
  if (!restoration_.answered(op_id, queued_, op_ids_)) return;
  step_deadline_ = Clock::now() + config_.timeout;
  if (code != static_cast<std::uint8_t>(errc::ok)) {
    // The rules have changed since. What is denied stays denied; the rest of the client lives on.
    ++stats_.patterns_refused;
    const bool too_many = code == static_cast<std::uint8_t>(errc::busy);
    log(base::LogLevel::warn,
        "the broker does not restore a subscription: " +
            (too_many ? "the client would hold more topic patterns, or more kinds of them, than it allows"
                      : error_category().message(static_cast<int>(code))));
  }
  if (restoration_.complete()) become_up();
}

/// The broker has ended the connection before everything was restored. What it ends connections for must not
/// keep the client from it for ever.
void ClientCore::end_restoration() {
  const auto culprit = restoration_.connection_ended();
  if (!culprit) return;
  backoff_.reset();
  ++stats_.patterns_refused;
  log(base::LogLevel::warn, "three connections ended while the pattern \"" + culprit->substr(0, 64) +
                                "\" was restored alone; the next one is made without it");
}

void ClientCore::become_up() {
  const auto now = Clock::now();
  restoration_.finish();
  state_ = State::up;
  attempts_ = 0;
  give_up_at_ = Clock::time_point::max();
  up_since_ = now;
  next_tick_ = now + tick_interval();
  silent_ticks_ = 0;
  if (established_) {
    log(base::LogLevel::info,
        "connected again; " + std::to_string(outbox_.size()) + " unconfirmed operations are sent (again)");
  }
  established_ = true;
  arm_timer();
  if (connecting_) connecting_.post({});
  announce(ConnectionState::connected);
  expire(now);
  pump();
}

bool ClientCore::may_retry(const Error& why) const {
  if (is_final(why.code) || Clock::now() >= give_up_at_) return false;
  if (!established_) return config_.reconnect.first_connect.count() > 0;
  if (draining_ && outbox_.size() == 0 && blocked_.empty()) return false;
  return config_.reconnect.enabled;
}

/// The connection, or the attempt to make one, has ended by itself.
void ClientCore::fail_connection(DisconnectReason reason, const Error& why) {
  ++stats_.disconnects[static_cast<std::size_t>(reason)];
  board_reason_ = {reason, why.code, why.message};
  if (state_ == State::up) {
    log(base::LogLevel::warn, "connection ended: " + why.describe());
    if (up_since_ + config_.timeout <= Clock::now()) backoff_.reset();
  }
  if (state_ == State::restoring && by_peer(reason)) end_restoration();
  const bool was_up = state_ == State::up;
  drop_connection(ClientLoss::unacked_cut);
  if (!may_retry(why)) {
    finish(why);
    return;
  }
  if (was_up) tell_listener(why);
  suspend(why);
}

/// Lets go of the connection and of what it had not written, whoever ends it.
void ClientCore::drop_connection(ClientLoss cut) {
  ++generation_;
  if (attempt_) std::exchange(attempt_, nullptr)->cancel();
  cut_bytes_ = (draining_ ? cut_bytes_ : 0) + (state_ == State::up ? outgoing_bytes() : 0);
  std::uint64_t unwritten_frames = 0;
  if (auto connection = std::exchange(connection_, nullptr)) {
    connection->stream().close();
    if (state_ == State::up) {
      // The lane's holder may be writing from this buffer; nobody changes it without the lock.
      const base::ByteBuffer& writing = connection->writing();
      const auto lane = count_cut_frames(writing.data(), writing.size() - in_flight_);
      const auto behind = count_cut_frames(std::as_const(queued_).data(), 0);
      unwritten_frames = lane.frames + behind.frames;
      count_loss(cut, unwritten_frames);
      stats_.unsent_bytes += lane.bytes + behind.bytes;
      if (lane.frames + behind.frames != 0) {
        log(base::LogLevel::warn, std::to_string(lane.frames + behind.frames) +
                                      " frames without ack were accepted and are lost, not written: " +
                                      std::string(to_string(cut)));
      }
    }
  }
  give_up_tail(unwritten_frames);
  if (timer_) timer_->cancel();
  armed_for_ = Clock::time_point::max();
  queued_.release();
  in_flight_ = 0;
  lane_busy_ = flush_posted_ = reading_paused_ = false;
  write_failure_.reset();
}

/// Between two connections: what may be sent again stays, the rest is told.
void ClientCore::suspend(const Error& why) {
  // The status changes first: a completion that reports the cut may read it at once.
  const auto now = Clock::now();
  const auto patience = config_.reconnect.give_up_after;
  if (established_ && give_up_at_ == Clock::time_point::max() && patience.count() > 0) {
    give_up_at_ = now + patience;
  }
  const std::uint64_t exposed = by_peer(board_reason_.reason) ? exposed_ : 0;
  auto ended = outbox_.connection_lost(exposed);
  // The connection ended because of an operation that is not sent again. The broker itself is well.
  if (std::ranges::any_of(ended, [](const auto& entry) { return cut_too_often(entry.cuts); }))
    backoff_.reset();
  const auto delay = backoff_.next(draw());
  state_ = State::waiting;
  retry_at_ = now + delay;
  log(base::LogLevel::debug, "next attempt to connect in " + std::to_string(delay.count()) + " ms");
  announce(established_ ? ConnectionState::reconnecting : ConnectionState::connecting, delay);
  // These errors say errc::io themselves.
  const std::string reason = why.code == errc::io && !why.message.empty() ? why.message : why.describe();
  const Error cut{errc::io, "sent, and not confirmed before the connection was lost: " + reason};
  const Error cut_alone{errc::io,
                        "three connections ended before the broker confirmed this operation, the last while "
                        "nothing else was under way; the broker does not take it, and its log may say why: " +
                            reason};
  for (auto& entry : ended) {
    const bool alone = cut_too_often(entry.cuts);
    count_loss(alone ? ClientLoss::cut_alone : ClientLoss::cut_once);
    if (entry.done) entry.done.post(std::unexpected(alone ? cut_alone : cut));
  }
  std::erase_if(blocked_, [this, &why](Blocked& waiting) {
    if (wants_ack(waiting.qos)) return false;
    blocked_bytes_ -= waiting.frame.size();
    if (waiting.done) waiting.done.post(fail(errc::not_sent, why.describe()));
    return true;
  });
  std::erase_if(room_waiters_, [&why](RoomWaiter& waiter) {
    if (waiter.credit) return false;
    waiter.done.post(std::unexpected(why));
    return true;
  });
  arm_timer();
}

}  // namespace busrt::detail
