// Connecting and ending: the life of a client around its connections.
#include "client/client_core.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "client/refusal.hpp"
#include "wire/codec.hpp"
#include "wire/names.hpp"

namespace busrt::detail {

std::shared_ptr<ClientCore> ClientCore::make(Executor executor, ClientConfig config) {
  auto core = std::make_shared<ClientCore>(std::move(executor), std::move(config));
  ContextService::add(core->executor_, core);
  return core;
}

ClientCore::ClientCore(Executor executor, ClientConfig config)
    : executor_(std::move(executor)),
      config_(std::move(config)),
      board_(executor_),
      backoff_(config_.reconnect.first_delay, config_.reconnect.most_delay, base::Jitter::full),
      events_(config_.queue_frames, config_.queue_bytes),
      timer_(std::in_place, executor_) {}

boost::asio::any_io_executor executor_of(const ClientCore& core) noexcept {
  return core.executor();
}

bool ClientCore::connected() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::up && !draining_;
}

ClientStats ClientCore::stats() const {
  const std::lock_guard lock(mutex_);
  ClientStats stats = stats_;
  stats.queued_frames = events_.size();
  stats.outgoing_bytes = outgoing_bytes();
  stats.unconfirmed = outbox_.size();
  stats.unconfirmed_bytes = outbox_.bytes();
  stats.waiting = blocked_.size();
  return stats;
}

ConnectionStatus ClientCore::status() const {
  return board_.status();
}
void ClientCore::on_state(StatusBoard::Handler handler) {
  board_.set_handler(std::move(handler));
}
void ClientCore::wait_state_change(std::uint64_t seen, Completion<Result<ConnectionStatus>> done) {
  board_.wait(seen, std::move(done));
}

void ClientCore::log(base::LogLevel level, const std::string& line) const {
  if (!config_.log) return;
  // The sink is the application's and may ask this client something; the lock is held here.
  boost::asio::post(executor_, [sink = config_.log, level, text = "client " + config_.name + ": " + line] {
    sink(level, text);
  });
}

Result<> ClientCore::check_name() const {
  if (config_.name.empty()) return fail(errc::data, "a client needs a name");
  if (config_.name.size() > limits::max_name_bytes) {
    return fail(errc::data, "client name longer than " + std::to_string(limits::max_name_bytes) + " bytes");
  }
  if (config_.name.front() == '.') return fail(errc::data, "client name begins with a dot: " + config_.name);
  if (!wire::valid_name(config_.name)) return fail(errc::data, "client name is not UTF-8 text");
  return {};
}

void ClientCore::connect(Completion<Result<>> done) {
  const auto named = check_name();
  Lock lock(mutex_);
  if (state_ == State::closed) {
    done.post(fail(errc::closed));
    return;
  }
  if (state_ != State::idle) {
    done.post(fail(errc::other, established_ && state_ != State::up
                                    ? "the client is on its way to a new connection by itself"
                                    : "the client is connected or connecting already"));
    return;
  }
  if (!named) {
    done.post(named);
    return;
  }
  const std::uint64_t ticket = connect_ticket_ = next_ticket_++;
  if (done.cancellable()) {
    done.on_cancel([weak = weak_from_this(), ticket] {
      const auto self = weak.lock();
      if (!self) return;
      const Lock cancel_lock(self->mutex_);
      if (self->connect_ticket_ != ticket || !self->connecting_) return;
      self->finish_by_owner(
          {std::make_error_code(std::errc::operation_canceled), "connecting was cancelled"});
    });
  }
  connecting_ = std::move(done);
  attempts_ = 0;
  backoff_.reset();
  const auto patience = config_.reconnect.first_connect;
  give_up_at_ = patience.count() > 0 ? Clock::now() + patience : Clock::time_point::max();
  begin_attempt(lock);
}

void ClientCore::disconnect(std::chrono::milliseconds drain, Completion<Result<>> done) {
  Lock lock(mutex_);
  if (state_ == State::closed || draining_) {
    done.post(fail(errc::closed));
    return;
  }
  if (!established_) {
    if (state_ != State::idle) finish_by_owner({errc::closed, "disconnected"});
    done.post({});
    return;
  }
  draining_ = true;
  disconnecting_ = std::move(done);
  drain_deadline_ = Clock::now() + drain;
  lost_tail_ = 0;
  cut_bytes_ = 0;
  ask_whether_all_arrived();
  finish_drain_if_empty();
  if (!draining_) return;
  arm_timer_by(drain_deadline_);
  if (!queued_.empty()) flush_now(lock);
}

/// Frames without ack may still be on their way when the connection is closed, and be lost with it: a TCP
/// connection that is closed with unread input is reset. So the last thing said is an operation that changes
/// nothing and is acknowledged, by any broker, when everything before it has been handled.
void ClientCore::ask_whether_all_arrived() {
  // An ack that is still to come may say it as well.
  if (!draining_ || state_ != State::up || !blocked_.empty() || outbox_.size() != 0 || tail_frames() == 0)
    return;
  const std::size_t before = queued_.size();
  const std::uint32_t op_id = append_question();
  // The drain's own deadline is the one that counts.
  outbox_.add({.op_id = op_id,
               .deadline = Clock::time_point::max(),
               .ticket = next_ticket_++,
               .bytes = queued_.size() - before,
               .confirms = unacked_sent_,
               .sent = true});
  tail_question_ = op_id;
}

/// An operation that changes nothing, of which every broker sends an ack. Returns its id.
std::uint32_t ClientCore::append_question() {
  constexpr std::string_view nothing_of_anybodys = ".busrt/drain";
  const std::uint32_t op_id = op_ids_.next();
  wire::append_topic_request(queued_, op_id, Op::unsubscribe, QoS::processed, {&nothing_of_anybodys, 1});
  return op_id;
}

/// The connection has ended. What it was given and had not written is counted as lost already.
void ClientCore::give_up_tail(std::uint64_t unwritten_frames) {
  if (tail_question_) static_cast<void>(outbox_.take(*std::exchange(tail_question_, std::nullopt)));
  if (draining_) {
    const std::uint64_t unknown = tail_frames() - std::min(tail_frames(), unwritten_frames);
    lost_tail_ += unknown;
    stats_.unknown_frames += unknown;
  }
  unacked_sent_ = unacked_known_ = 0;
}

void ClientCore::finish_drain_if_empty() {
  if (!draining_ || !blocked_.empty() || outbox_.size() != 0) return;
  if (state_ == State::up && outgoing_bytes() != 0) return;
  finish_by_owner({errc::closed, "disconnected"});
}

void ClientCore::end(const Connection* from, DisconnectReason reason, const Error& why) {
  const Error told = reason == DisconnectReason::refused ? explain_refusal(why, config_) : why;
  const Lock lock(mutex_);
  if (connection_.get() == from) fail_connection(reason, told);
}

/// Tells an operation with ack that nothing more is done for it.
void ClientCore::end_operation(Completion<Result<>>& done, bool sent, const Error& why) {
  count_loss(sent ? ClientLoss::given_up : ClientLoss::given_up_unsent);
  if (!done) return;
  if (!sent) {
    done.post(fail(errc::not_sent, why.describe()));
  } else if (may_have_been_delivered(why.code)) {
    done.post(std::unexpected(why));
  } else {
    // Refused now, but the frame went out over an earlier connection.
    done.post(
        fail(errc::io, "sent, and not confirmed before the connection was lost; then: " + why.describe()));
  }
}

void ClientCore::tell_listener(const Error& why) {
  if (auto listener = listener_ ? listener_->lock() : nullptr) {
    boost::asio::post(executor_, [told = std::move(listener), why] { told->connection_ended(why); });
  }
}

void ClientCore::finish_by_owner(const Error& why) {
  if (connection_) ++stats_.disconnects[static_cast<std::size_t>(DisconnectReason::owner)];
  board_reason_ = {DisconnectReason::owner, why.code, why.message};
  drop_connection(ClientLoss::unacked_closed);
  finish(why);
}

/// The end of what connect() began, with the connection gone already: everything pending completes.
void ClientCore::finish(const Error& why) {
  const bool wanted = established_;
  const std::size_t left = outbox_.size() + blocked_.size();
  // First the status: whoever is told of the end may ask for it at once.
  state_ = State::idle;
  announce(ConnectionState::disconnected);
  Error unconfirmed = why;
  if (board_reason_.reason == DisconnectReason::closed_by_broker)
    unconfirmed.message += " before it confirmed the operation; its log may say why";
  for (auto& entry : outbox_.take_all())
    end_operation(entry.done, entry.sent, entry.sent ? unconfirmed : why);
  for (auto& waiting : std::exchange(blocked_, {})) {
    if (wants_ack(waiting.qos)) {
      end_operation(waiting.done, false, why);
    } else if (waiting.done) {
      waiting.done.post(fail(errc::not_sent, why.describe()));
    }
  }
  blocked_bytes_ = 0;
  for (auto& waiter : std::exchange(room_waiters_, {})) waiter.done.post(std::unexpected(why));
  if (connecting_) connecting_.post(std::unexpected(why));
  if (disconnecting_) {
    const auto code = why.code == errc::closed ? make_error_code(errc::timeout) : why.code;
    disconnecting_.post(cut_bytes_ == 0 && left == 0 && lost_tail_ == 0
                            ? Result<>()
                            : fail(code, std::to_string(cut_bytes_) + " bytes not written, " +
                                             std::to_string(left) + " operations and " +
                                             std::to_string(lost_tail_) +
                                             " frames without ack not confirmed"));
  }
  // To whoever receives, a timeout says that no frame has come yet: the end needs another code.
  const Error end = why.code == errc::timeout ? Error(errc::io, why.message) : why;
  if (frame_waiter_) frame_waiter_.post(std::unexpected(end));
  if (batch_waiter_) batch_waiter_.post(std::unexpected(end));
  tell_listener(end);
  if (wanted) ended_ = end;
  established_ = draining_ = false;
  subscriptions_.clear();
  restoration_.finish();
}

void ClientCore::close() {
  // First, because what the handler captured may go together with the client.
  board_.mute();
  const Lock lock(mutex_);
  if (state_ == State::closed) return;
  finish_by_owner({errc::closed});
  state_ = State::closed;
  ended_ = {errc::closed};
  board_.close();
}

void ClientCore::abandon() noexcept {
  // Everything that could own this client, and everything that needs the context, goes outside the lock.
  std::shared_ptr<OpenAttempt> attempt;
  std::shared_ptr<Connection> connection;
  std::vector<Completion<Result<>>> completions;
  std::vector<RoomWaiter> room_waiters;
  std::vector<OutboxEntry> unconfirmed;
  std::deque<Blocked> blocked;
  Completion<Result<Frame>> frame_waiter;
  Completion<Result<std::vector<Frame>>> batch_waiter;
  std::optional<boost::asio::steady_timer> timer;
  {
    const Lock lock(mutex_);
    state_ = State::closed;
    ++generation_;
    attempt = std::move(attempt_);
    connection = std::move(connection_);
    room_waiters.swap(room_waiters_);
    completions.push_back(std::move(connecting_));
    completions.push_back(std::move(disconnecting_));
    unconfirmed = outbox_.take_all();
    blocked = std::exchange(blocked_, {});
    frame_waiter = std::move(frame_waiter_);
    batch_waiter = std::move(batch_waiter_);
    timer.swap(timer_);
  }
  // A read outstanding on pipes is nobody's but the pipes', and holds the connection.
  if (connection) connection->stream().abandon();
  board_.abandon();
}

}  // namespace busrt::detail
