// From one connection to the next: attempts, what a lost connection takes with it, and what is restored
// before the outbox goes out again.
#include <algorithm>
#include <random>
#include <utility>

#include "client/client_core.hpp"
#include "client/cuts.hpp"

namespace busrt::detail {

namespace {

/// Returns whether a sent request may be why the connection ended. A silent connection is ended by this side.
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

void ClientCore::report_status(ConnectionState state, std::chrono::milliseconds retry_in) {
  status_.set({state, last_end_.reason, last_end_.error, last_end_.message, schedule_.attempts(),
               stats_.connections, retry_in, 0});
}

/// The lock is released while the attempt is started, and held again on return.
void ClientCore::begin_attempt(Lock& lock) {
  state_ = State::connecting;
  schedule_.attempt_begins();
  const std::uint64_t generation = ++generation_;
  step_deadline_ = Clock::now() + config_.timeout;
  arm_timer();
  report_status(established() ? ConnectionState::reconnecting : ConnectionState::connecting);
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
    send_.buffer().connection_opened();
    step_deadline_ = Clock::now() + config_.timeout;
  }
  connection->read();
}

void ClientCore::registered(const Connection* from) {
  Lock lock(mutex_);
  if (connection_.get() != from || state_ != State::connecting) return;
  ++stats_.connections;
  keepalive_.received();
  keepalive_.sent();
  restoration_.begin(subscriptions_, config_.max_body_bytes, send_.buffer().queued(), send_.op_ids());
  if (restoration_.complete()) {
    connection_up();
  } else {
    state_ = State::restoring;
    step_deadline_ = Clock::now() + config_.timeout;
    arm_timer();
  }
  if (!send_.buffer().queued().empty()) flush_now(lock);
}

/// The broker has answered one of the requests that restore the subscriptions.
void ClientCore::restored(std::uint32_t op_id, std::uint8_t code) {
  if (!restoration_.answered(op_id, send_.buffer().queued(), send_.op_ids())) return;
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
  if (restoration_.complete()) connection_up();
}

/// The broker has ended the connection before everything was restored. What it ends connections for must not
/// keep the client from it for ever.
void ClientCore::end_restoration() {
  const auto culprit = restoration_.connection_ended();
  if (!culprit) return;
  schedule_.reset_backoff();
  ++stats_.patterns_refused;
  log(base::LogLevel::warn, "three connections ended while the pattern \"" + culprit->substr(0, 64) +
                                "\" was restored alone; the next one is made without it");
}

void ClientCore::connection_up() {
  const auto now = Clock::now();
  restoration_.finish();
  state_ = State::up;
  schedule_.connected(now);
  keepalive_.start(now);
  if (established()) {
    log(base::LogLevel::info, "connected again; " + std::to_string(send_.unacknowledged()) +
                                  " unconfirmed operations are sent (again)");
  }
  send_.connection_up();
  arm_timer();
  if (connect_call_.done) connect_call_.done.post({});
  report_status(ConnectionState::connected);
  send_.expire(now);
  finish_drain_if_empty();
  send_.pump();
}

/// The connection, or the attempt to make one, has ended by itself.
void ClientCore::fail_connection(DisconnectReason reason, const Error& why) {
  ++stats_.disconnects[static_cast<std::size_t>(reason)];
  last_end_ = {reason, why.code, why.message};
  if (state_ == State::up) {
    log(base::LogLevel::warn, "connection ended: " + why.describe());
    schedule_.connection_lost(Clock::now());
  }
  if (state_ == State::restoring && by_peer(reason)) end_restoration();
  const bool was_up = state_ == State::up;
  drop_connection(ClientLoss::unacked_cut);
  const bool needed = !send_.draining() || send_.operations() != 0;
  if (!schedule_.may_retry(why, Clock::now(), established(), needed)) {
    finish(why);
    return;
  }
  if (was_up) notify_listener(why);
  suspend(why);
}

/// Drops the connection and the bytes that it had not written.
void ClientCore::drop_connection(ClientLoss cause) {
  ++generation_;
  if (attempt_) std::exchange(attempt_, nullptr)->cancel();
  const auto connection = std::exchange(connection_, nullptr);
  if (connection) connection->stream().close();
  // The holder of the lane may be writing from this buffer. It is changed under the lock alone.
  const auto lost =
      send_.drop_connection(connection ? &std::as_const(*connection).writing() : nullptr, cause);
  if (lost.frames != 0) {
    log(base::LogLevel::warn,
        std::to_string(lost.frames) +
            " frames without ack were accepted and are lost, not written: " + std::string(to_string(cause)));
  }
  timer_.cancel();
  inbox_.connection_closed();
  lingering_.reset();
}

/// Waits for the next attempt. Operations that may be sent again stay; the others complete with an error.
void ClientCore::suspend(const Error& why) {
  // The status changes first: a completion that reports the cut may read it at once.
  const std::uint64_t exposed = by_peer(last_end_.reason) ? send_.buffer().exposed() : 0;
  auto ended = send_.suspend(established() ? SendPath::Link::resuming : SendPath::Link::down, exposed);
  // The connection ended because of an operation that is not sent again. The broker itself is well.
  if (std::ranges::any_of(ended, [](const auto& entry) { return cut_too_often(entry.cuts); }))
    schedule_.reset_backoff();
  const auto delay = schedule_.schedule(Clock::now(), established(), draw());
  state_ = State::waiting;
  log(base::LogLevel::debug, "next attempt to connect in " + std::to_string(delay.count()) + " ms");
  report_status(established() ? ConnectionState::reconnecting : ConnectionState::connecting, delay);
  send_.fail_suspended(std::move(ended), why);
  arm_timer();
}

}  // namespace busrt::detail
