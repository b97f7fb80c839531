// One timer per client, re-armed lazily: it fires every quarter of the timeout, and earlier where a deadline
// comes first. Nothing that is sent or received touches it, so a busy client pays no clock and no timer per
// frame.
#include <utility>

#include "client/client_core.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

namespace {
/// A broker sends a nop every half timeout; this many quarters without a byte are twice the timeout.
constexpr unsigned silent_ticks_allowed = 8;
/// From here on the broker is asked whether it is there: its timeout may be longer than the client's.
constexpr unsigned silent_ticks_to_ask = 4;
/// An idle client keeps no more outgoing memory than this.
constexpr std::size_t idle_buffer_bytes = 64U << 10;
}  // namespace

void ClientCore::start_timer(Clock::time_point first) {
  if (!timer_) return;
  armed_for_ = first;
  timer_->expires_at(first);
  timer_->async_wait([weak = weak_from_this(), generation = generation_](boost::system::error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->on_timer(generation);
  });
}

void ClientCore::arm_timer() {
  auto next = Clock::time_point::max();
  switch (state_) {
    case State::idle:
    case State::closed:
      return;
    case State::connecting:
    case State::restoring:
      next = step_deadline_;
      break;
    case State::waiting:
      next = std::min(retry_at_, give_up_at_);
      break;
    case State::up:
      next = next_tick_;
      break;
  }
  start_timer(std::min(next, send_.next_deadline()));
}

void ClientCore::on_timer(std::uint64_t generation) {
  Lock lock(mutex_);
  if (generation_ != generation) return;
  armed_for_ = Clock::time_point::max();
  const auto now = Clock::now();
  send_.expire(now);
  finish_drain_if_empty();
  if (send_.draining() && now >= send_.drain_deadline()) {
    finish_by_owner({errc::closed, "disconnected"});
  }
  if (generation_ != generation) return;
  switch (state_) {
    case State::idle:
    case State::closed:
      return;
    case State::connecting:
    case State::restoring:
      if (now >= step_deadline_) miss_step();
      break;
    case State::waiting:
      if (now >= give_up_at_) {
        give_up();
      } else if (now >= retry_at_) {
        begin_attempt(lock);
        return;
      }
      break;
    case State::up:
      if (now >= next_tick_) {
        next_tick_ = now + tick_interval();
        tick(lock);
      }
      if (generation_ == generation && !send_.buffer().queued().empty()) flush_now(lock);
      break;
  }
  if (generation_ == generation) arm_timer();
}

void ClientCore::miss_step() {
  const bool reached = connection_ != nullptr;
  const char* const what = state_ == State::restoring
                               ? "the broker did not confirm the restored subscriptions"
                           : reached ? "the broker did not answer the handshake"
                                     : "connecting took too long";
  fail_connection(reached ? DisconnectReason::silent : DisconnectReason::unreachable, {errc::timeout, what});
}

void ClientCore::give_up() {
  const Error last(board_reason_.error, board_reason_.message);
  log(base::LogLevel::error,
      "no connection in " + std::to_string(attempts_) + " attempts, giving up; the last: " + last.describe());
  drop_connection(ClientLoss::unacked_cut);
  finish({errc::timeout, "given up after " + std::to_string(attempts_) +
                             " attempts to connect; the last: " + last.describe()});
}

/// True where a connection that cannot be written to is still read, or has just been ended for it. It is read
/// as long as something comes. An application that takes nothing for the timeout ends that, and so does a
/// peer that goes on for ten of them: it only does not listen.
bool ClientCore::hear_last_words() {
  if (!write_failure_) return false;
  const auto now = Clock::now();
  const bool resumed = std::exchange(last_words_paused_, reading_paused_) && !reading_paused_;
  const bool came = std::exchange(heard_, false) || resumed;
  if (came) last_words_at_ = now;
  const bool patient = reading_paused_ ? now - last_words_at_ < config_.timeout : came;
  const bool more = patient && now - write_failed_at_ < 10 * config_.timeout;
  if (more) {
    next_tick_ = now + last_words_interval;
  } else {
    const Error why = *write_failure_;
    fail_connection(DisconnectReason::broken, why);
  }
  return true;
}

void ClientCore::tick(Lock& lock) {
  if (hear_last_words()) return;
  // While the event queue is full nobody listens, and silence means nothing.
  silent_ticks_ = heard_ || reading_paused_ ? 0 : silent_ticks_ + 1;
  heard_ = false;
  if (silent_ticks_ >= silent_ticks_allowed) {
    fail_connection(DisconnectReason::silent,
                    {errc::timeout, "nothing came from the broker for twice the timeout"});
    return;
  }
  if (silent_ticks_ >= silent_ticks_to_ask) {
    send_.append_probe();  // no operation waits for its ack, which is a sign of life
    flush_now(lock);
    return;
  }
  if (std::exchange(sent_, false) || send_.buffer().lane_busy()) return;
  if (connection_->writing().capacity() > idle_buffer_bytes) connection_->writing().release();
  // What has just been queued, and is not written yet, says that the client lives as well as a ping does.
  base::ByteBuffer& queued = send_.buffer().queued();
  if (queued.empty()) {
    if (queued.capacity() > idle_buffer_bytes) queued.release();
    wire::append_ping(queued);
  }
  flush_now(lock);
  // The ping itself is no sign of life of the application, but it is one of the client: the next quarter may
  // be silent.
}

}  // namespace busrt::detail
