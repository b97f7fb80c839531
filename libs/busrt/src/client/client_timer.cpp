// One timer per client, re-armed lazily: it fires every quarter of the timeout, and earlier where a deadline
// comes first. Nothing that is sent or received touches it, so a busy client pays no clock and no timer per
// frame.
#include <algorithm>
#include <string>

#include "client/client_core.hpp"

namespace busrt::detail {

namespace {
/// An idle client keeps no more outgoing memory than this.
constexpr std::size_t idle_buffer_bytes = 64U << 10;
}  // namespace

void ClientCore::start_timer(Clock::time_point first) {
  timer_.arm(first, [weak = weak_from_this(), generation = generation_] {
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
      next = schedule_.next_due();
      break;
    case State::up:
      next = next_check();
      break;
  }
  start_timer(std::min(next, send_.next_deadline()));
}

void ClientCore::on_timer(std::uint64_t generation) {
  Lock lock(mutex_);
  if (generation_ != generation) return;
  timer_.expired();
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
      if (now >= step_deadline_) step_timed_out();
      break;
    case State::waiting:
      switch (schedule_.due(now)) {
        case ReconnectSchedule::Due::nothing:
          break;
        case ReconnectSchedule::Due::attempt:
          begin_attempt(lock);
          return;
        case ReconnectSchedule::Due::give_up:
          give_up();
          break;
      }
      break;
    case State::up:
      if (now >= next_check()) {
        if (lingering_.active()) {
          check_lingering(now);
        } else {
          check_keepalive(lock, now);
        }
      }
      if (generation_ == generation && !send_.buffer().queued().empty()) flush_now(lock);
      break;
  }
  if (generation_ == generation) arm_timer();
}

void ClientCore::step_timed_out() {
  const bool reached = connection_ != nullptr;
  const char* const what = state_ == State::restoring
                               ? "the broker did not confirm the restored subscriptions"
                           : reached ? "the broker did not answer the handshake"
                                     : "connecting took too long";
  fail_connection(reached ? DisconnectReason::silent : DisconnectReason::unreachable, {errc::timeout, what});
}

void ClientCore::give_up() {
  const Error last(last_end_.error, last_end_.message);
  const std::string attempts = std::to_string(schedule_.attempts());
  log(base::LogLevel::error,
      "no connection in " + attempts + " attempts, giving up; the last: " + last.describe());
  drop_connection(ClientLoss::unacked_cut);
  finish(
      {errc::timeout, "given up after " + attempts + " attempts to connect; the last: " + last.describe()});
}

void ClientCore::check_lingering(Clock::time_point now) {
  if (lingering_.check(now, keepalive_.take_received(), inbox_.reading_paused())) return;
  const Error why = lingering_.failure();
  fail_connection(DisconnectReason::broken, why);
}

void ClientCore::check_keepalive(Lock& lock, Clock::time_point now) {
  switch (keepalive_.check(now, inbox_.reading_paused(), send_.buffer().lane_busy())) {
    case KeepAlive::Action::none:
      return;
    case KeepAlive::Action::lost:
      fail_connection(DisconnectReason::silent,
                      {errc::timeout, "nothing came from the broker for twice the timeout"});
      return;
    case KeepAlive::Action::probe:
      send_.append_probe();  // no operation waits for its ack, which is a sign of life
      break;
    case KeepAlive::Action::ping:
      if (connection_->writing().capacity() > idle_buffer_bytes) connection_->writing().release();
      send_.append_ping_if_idle(idle_buffer_bytes);
      break;
  }
  flush_now(lock);
}

}  // namespace busrt::detail
