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
/// An idle client keeps no more outgoing memory than this.
constexpr std::size_t idle_buffer_bytes = 64U << 10;
}  // namespace

void ClientCore::start_timer(Clock::time_point first) {
  if (!timer_) return;
  timer_->expires_at(first);
  timer_->async_wait([weak = weak_from_this(), generation = generation_](boost::system::error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->on_timer(generation);
  });
}

void ClientCore::arm_timer() {
  auto next = state_ == State::connecting ? step_deadline_ : next_tick_;
  if (state_ == State::draining) next = std::min(next, drain_deadline_);
  if (const auto deadline = confirmations_.next_deadline()) next = std::min(next, *deadline);
  for (const Blocked& operation : blocked_) next = std::min(next, operation.deadline);
  start_timer(next);
}

void ClientCore::on_timer(std::uint64_t generation) {
  Lock lock(mutex_);
  if (generation_ != generation) return;
  const auto now = Clock::now();
  switch (state_) {
    case State::idle:
    case State::closed:
      return;
    case State::connecting:
      if (now >= step_deadline_) {
        end_locked({errc::timeout,
                    connection_ ? "the broker did not answer the handshake" : "connecting took too long"});
        return;
      }
      break;
    case State::draining:
      if (now >= drain_deadline_) {
        end_locked({errc::closed, "disconnected"});
        return;
      }
      [[fallthrough]];
    case State::up:
      expire(now);
      if (now >= next_tick_) {
        next_tick_ = now + tick_interval();
        tick(lock);
      }
      break;
  }
  if (generation_ == generation) arm_timer();
}

void ClientCore::tick(Lock& lock) {
  // While the event queue is full nobody listens, and silence means nothing.
  silent_ticks_ = heard_ || reading_paused_ ? 0 : silent_ticks_ + 1;
  heard_ = false;
  if (silent_ticks_ >= silent_ticks_allowed) {
    end_locked({errc::timeout, "nothing came from the broker for twice the timeout"});
    return;
  }
  if (std::exchange(sent_, false) || lane_busy_) return;
  if (queued_.capacity() > idle_buffer_bytes) queued_.release();
  if (connection_->writing().capacity() > idle_buffer_bytes) connection_->writing().release();
  wire::append_ping(queued_);
  flush_now(lock);
  // The ping itself is no sign of life of the application, but it is one of the client: the next quarter may
  // be silent.
}

void ClientCore::expire(Clock::time_point now) {
  for (auto& waiting : confirmations_.take_expired(now)) {
    if (waiting.done) waiting.done.post(fail(errc::timeout, "the broker has not confirmed the operation"));
  }
  for (auto operation = blocked_.begin(); operation != blocked_.end();) {
    if (operation->deadline > now) {
      ++operation;
      continue;
    }
    if (operation->done) operation->done.post(fail(errc::timeout, "the outgoing buffer had no room in time"));
    operation = blocked_.erase(operation);
  }
  finish_drain_if_empty();
}

}  // namespace busrt::detail
