// The way out: frames are encoded into one buffer under the lock; whoever gets the write lane swaps the
// buffer out and writes it outside the lock. While that goes on, or while the connection takes no more,
// frames collect behind it.
//
// Every frame takes its turn: behind operations that wait for room, and behind those of an earlier connection
// that are still to be sent again. Overtaking them would break the order of one thread's calls.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "client/client_core.hpp"
#include "wire/codec.hpp"
#include "wire/names.hpp"

namespace busrt::detail {

namespace {

/// A caller that has piled up this much writes it itself: it is still in the cache then, and one write takes
/// about that.
constexpr std::size_t inline_write_bytes = 64U << 10;
/// Refills of the lane before other work of the executor gets its turn.
constexpr int refills_per_turn = 4;

/// Refuses what a broker refuses, or ends the connection for.
Result<> check_target(Op op, std::string_view target, std::string_view receiver) {
  const bool topic = op == Op::publish || op == Op::publish_for;
  // A mask may be as long as a name of every client it is to match.
  const std::size_t longest = topic ? limits::max_topic_bytes : limits::max_name_bytes;
  if (target.size() > longest) {
    return fail(errc::too_large,
                std::string(to_string(op)) + " target longer than " + std::to_string(longest) + " bytes");
  }
  if (receiver.size() > limits::max_name_bytes) return fail(errc::too_large, "receiver name too long");
  if (!wire::valid_name(target) || !wire::valid_name(receiver)) {
    return fail(errc::data, std::string(to_string(op)) + " target is not UTF-8 text without NUL");
  }
  if (wire::topic_problem(target) != nullptr) {
    return fail(errc::too_large, std::string(to_string(op)) + " target of more than " +
                                     std::to_string(limits::max_topic_segments) + " segments");
  }
  return {};
}

Result<> check_pattern(Op op, const std::string& pattern) {
  const char* const problem = pattern.empty() ? "a topic pattern is empty" : wire::pattern_problem(pattern);
  if (problem == nullptr) return {};
  const errc code = wire::valid_name(pattern) && !pattern.empty() ? errc::too_large : errc::data;
  return fail(code, std::string(to_string(op)) + " \"" + pattern.substr(0, 64) +
                        (pattern.size() > 64 ? "..." : "") + "\": " + problem);
}

Result<> check_body(std::size_t bytes, std::uint32_t max) {
  if (bytes <= max) return {};
  return fail(errc::too_large,
              "frame body of " + std::to_string(bytes) + " bytes, the limit is " + std::to_string(max));
}

struct FlushHandler {
  std::shared_ptr<Connection> connection;
  void operator()() const { connection->on_flush(); }
};
struct NextTurnHandler {
  std::shared_ptr<Connection> connection;
  void operator()() const { connection->on_writable(); }
};

}  // namespace

Result<base::ByteBuffer> ClientCore::encode(Op op, QoS qos, std::string_view target,
                                            std::string_view receiver, std::span<const std::byte> prefix,
                                            std::span<const std::byte> payload) const {
  if (auto checked = check_target(op, target, receiver); !checked) return std::unexpected(checked.error());
  const std::size_t body = wire::request_body_bytes(op, target, receiver, prefix.size() + payload.size());
  if (auto checked = check_body(body, config_.max_body_bytes); !checked)
    return std::unexpected(checked.error());
  base::ByteBuffer frame(wire::request_header_bytes + body);
  wire::append_request(frame, 0, op, qos, target, receiver, prefix, payload);
  return frame;
}

Result<base::ByteBuffer> ClientCore::encode_topics(Op op, const std::vector<std::string>& patterns) const {
  std::vector<std::string_view> views;
  views.reserve(patterns.size());
  for (const std::string& pattern : patterns) {
    if (auto checked = check_pattern(op, pattern); !checked) return std::unexpected(checked.error());
    views.emplace_back(pattern);
  }
  if (views.empty()) return fail(errc::data, std::string(to_string(op)) + " without a topic pattern");
  if (auto checked = check_body(wire::topic_body_bytes(views), config_.max_body_bytes); !checked)
    return std::unexpected(checked.error());
  base::ByteBuffer frame;
  wire::append_topic_request(frame, 0, op, QoS::processed, views);
  return frame;
}

Result<> ClientCore::check_open() const {
  if (draining_ || state_ == State::closed) return fail(errc::closed);
  if (write_failure_) {
    return fail(errc::not_connected, "not sent, since the connection is ending: " + write_failure_->message);
  }
  if (state_ == State::up) return {};
  // Whoever was not told of the connection's end himself learns it here.
  const bool known = !board_reason_.message.empty();
  return fail(errc::not_connected,
              known ? "not sent, since the last connection ended: " + board_reason_.message : "");
}

bool ClientCore::has_room(std::size_t bytes) const {
  const std::size_t used = outgoing_bytes();
  // A frame larger than the whole buffer goes alone.
  return used == 0 || used + bytes <= config_.outgoing_bytes;
}

Result<> ClientCore::try_send(Op op, std::string_view target, std::span<const std::byte> payload, QoS qos) {
  if (op != Op::publish && op != Op::message && op != Op::broadcast) {
    return fail(errc::not_supported, "try_send publishes, sends and broadcasts");
  }
  if (wants_ack(qos)) return fail(errc::not_supported, "try_send cannot wait for an ack");
  if (auto checked = check_target(op, target, {}); !checked) return checked;
  const std::size_t body = wire::request_body_bytes(op, target, {}, payload.size());
  if (auto checked = check_body(body, config_.max_body_bytes); !checked) return checked;

  Lock lock(mutex_);
  if (state_ != State::up || draining_ || write_failure_) [[unlikely]]
    return check_open();
  if (backlogged() || !has_room(wire::request_header_bytes + body)) return fail(errc::would_block);
  wire::append_request(queued_, op_ids_.next(), op, qos, target, {}, {}, payload);
  ++unacked_sent_;
  ++stats_.frames_out;
  stats_.bytes_out += body;
  if (lane_busy_) return {};
  if (is_realtime(qos) || queued_.size() >= inline_write_bytes) {
    flush_now(lock);
  } else {
    flush_soon(lock);
  }
  return {};
}

bool ClientCore::has_credit(std::size_t bytes) const {
  const std::size_t used = outbox_.size();
  return used == 0 || (used < config_.window_frames && outbox_.bytes() + bytes <= config_.window_bytes);
}

bool ClientCore::may_begin(const Blocked& operation) const {
  const std::size_t bytes = operation.frame.size();
  if (wants_ack(operation.qos)) {
    if (!has_credit(bytes)) return false;
    if (resuming()) return true;
    if (goes_alone(operation.cuts) && outbox_.any_sent()) return false;
  }
  return state_ == State::up && !outbox_.holds_back() && has_room(bytes);
}

bool ClientCore::may_wait(const Blocked& operation) const {
  if (blocked_.empty()) return true;
  return blocked_.size() < limits::client_waiting_operations &&
         blocked_bytes_ + operation.frame.size() <= limits::client_waiting_bytes;
}

void ClientCore::operate(base::ByteBuffer frame, const SendOptions& options, Repeat repeat,
                         Completion<Result<>> done, unsigned cuts) {
  const bool acked = wants_ack(options.qos);
  // A frame without ack needs its deadline only where it has to wait.
  const auto patience = options.timeout.count() > 0
                            ? options.timeout
                            : config_.delivery_timeout + limits::receive_time(frame.size());
  auto deadline = acked ? Clock::now() + patience : Clock::time_point::max();
  Lock lock(mutex_);
  if (draining_ || (state_ != State::up && !(acked && resuming())) || (write_failure_ && !acked)) {
    if (done) done.post(check_open());
    return;
  }
  const std::uint64_t ticket = next_ticket_++;
  Blocked operation{std::move(frame), options.qos, repeat, cuts, deadline, ticket, std::move(done)};
  const bool at_once = blocked_.empty() && may_begin(operation);
  if (!at_once && (options.when_full == WhenFull::refuse || !may_wait(operation))) {
    if (operation.done) operation.done.post(fail(errc::would_block));
    return;
  }
  if (operation.done && operation.done.cancellable()) {
    operation.done.on_cancel([weak = weak_from_this(), ticket] {
      if (const auto self = weak.lock()) self->cancel_operation(ticket);
    });
  }
  if (!at_once) {
    if (!acked) operation.deadline = deadline = Clock::now() + patience;
    blocked_bytes_ += operation.frame.size();
    blocked_.push_back(std::move(operation));
    arm_timer_by(deadline);
    return;
  }
  begin(std::move(operation));
  if (acked) arm_timer_by(deadline);
  if (state_ != State::up || lane_busy_) return;
  // Alone, an acked operation's latency counts; among others, sharing a write does.
  const bool alone = acked && outbox_.size() == 1;
  if (alone || is_realtime(options.qos) || queued_.size() >= inline_write_bytes) {
    flush_now(lock);
  } else {
    flush_soon(lock);
  }
}

/// There is room: the operation enters the outbox, if it wants an ack, and the lane, if there is a
/// connection.
void ClientCore::begin(Blocked operation) {
  const std::uint32_t op_id = op_ids_.next();
  wire::store_u32(operation.frame.data().data(), op_id);
  const Op op = wire::op_of_request(operation.frame.data());
  const std::size_t bytes = operation.frame.size();
  const bool is_up = state_ == State::up;
  const bool acked = wants_ack(operation.qos);
  const bool repeatable = config_.reconnect.enabled && operation.repeat == Repeat::if_lost;
  const bool keep = acked && (!is_up || repeatable);
  const std::uint64_t begins_at = stream_end();
  if (is_up) {
    if (!acked) ++unacked_sent_;
    ++stats_.frames_out;
    stats_.bytes_out += bytes - wire::request_header_bytes;
    if (!keep && queued_.empty() && queued_.capacity() < bytes) {
      queued_ = std::move(operation.frame);
    } else {
      queued_.append(std::as_const(operation.frame).data());
    }
  }
  if (acked) {
    outbox_.add({.op_id = op_id,
                 .op = op,
                 .deadline = operation.deadline,
                 .ticket = operation.ticket,
                 .bytes = bytes,
                 .frame = keep ? std::move(operation.frame) : base::ByteBuffer(),
                 .done = std::move(operation.done),
                 .confirms = unacked_sent_,
                 .begins_at = begins_at,
                 .cuts = operation.cuts,
                 .repeatable = repeatable,
                 .sent = is_up});
  } else if (operation.done) {
    operation.done.post({});
  }
}

/// Moves on what can be moved on: the outbox of an earlier connection, then operations that wait for room.
void ClientCore::pump() {
  while (state_ == State::up) {
    OutboxEntry* const entry = outbox_.next_unsent();
    if (entry == nullptr || !has_room(entry->bytes)) break;
    entry->begins_at = stream_end();
    queued_.append(std::as_const(entry->frame).data());
    ++stats_.frames_out;
    stats_.bytes_out += entry->bytes - wire::request_header_bytes;
    if (entry->sent) {
      ++stats_.resent;
      entry->resent = true;
    }
    entry->confirms = unacked_sent_;
    outbox_.mark_sent();
  }
  while (!blocked_.empty() && may_begin(blocked_.front())) {
    blocked_bytes_ -= blocked_.front().frame.size();
    begin(std::move(blocked_.front()));
    blocked_.pop_front();
  }
  ask_whether_all_arrived();
  tell_room();
}

void ClientCore::wait_writable(Completion<Result<>> done) {
  wait_for_room(false, std::move(done));
}
void ClientCore::wait_credit(Completion<Result<>> done) {
  wait_for_room(true, std::move(done));
}

void ClientCore::wait_for_room(bool credit, Completion<Result<>> done) {
  const Lock lock(mutex_);
  if (draining_ || (state_ != State::up && !(credit && resuming()))) {
    done.post(check_open());
    return;
  }
  RoomWaiter waiter{std::move(done), Clock::now() + config_.delivery_timeout, credit};
  if (room_came(waiter)) {
    waiter.done.post({});
  } else {
    arm_timer_by(waiter.deadline);
    room_waiters_.push_back(std::move(waiter));
  }
}

bool ClientCore::room_came(const RoomWaiter& waiter) const {
  if (waiter.credit) {
    return blocked_.empty() && outbox_.size() <= config_.window_frames / 2 &&
           outbox_.bytes() <= config_.window_bytes / 2;
  }
  return !backlogged() && outgoing_bytes() <= config_.outgoing_bytes / 2;
}

void ClientCore::tell_room() {
  if (room_waiters_.empty()) return;
  std::erase_if(room_waiters_, [this](RoomWaiter& waiter) {
    if (!room_came(waiter)) return false;
    waiter.done.post({});
    return true;
  });
}

void ClientCore::flush_soon(Lock& lock) {
  if (std::exchange(flush_posted_, true)) return;
  const auto connection = connection_;
  lock.unlock();
  boost::asio::post(executor_, FlushHandler{connection});
}

void ClientCore::flush_now(Lock& lock) {
  if (lane_busy_ || !connection_) return;
  lane_busy_ = true;
  const auto connection = connection_;
  write(lock, connection);
  // Where the lane stays taken, write() has let go of it.
  if (!lock.owns_lock()) lock.lock();
}

void ClientCore::flush_posted(const std::shared_ptr<Connection>& connection) {
  Lock lock(mutex_);
  if (connection_ != connection) return;
  flush_posted_ = false;
  flush_now(lock);
}

void ClientCore::continue_writing(const std::shared_ptr<Connection>& connection) {
  Lock lock(mutex_);
  if (connection_ == connection) write(lock, connection);
}

/// Gives the lane what has collected. False when there is nothing.
bool ClientCore::refill(Connection& connection) {
  pump();
  if (queued_.empty()) return false;
  std::swap(queued_, connection.writing());
  in_flight_ = connection.writing().size();
  sent_ = true;
  return true;
}

/// The caller holds the lane; it is free again on return, or waits for the connection, and then the lock is
/// released.
void ClientCore::write(Lock& lock, const std::shared_ptr<Connection>& connection) {
  auto& writing = connection->writing();
  for (int refills = 0;;) {
    if (in_flight_ == 0) {
      writing.clear();
      if (!refill(*connection)) {
        lane_busy_ = false;
        break;
      }
      if (++refills > refills_per_turn) {
        // The lane stays taken: the posted turn goes on with it.
        lock.unlock();
        boost::asio::post(executor_, NextTurnHandler{connection});
        return;
      }
    }
    // Without the lock the buffer is only read: a cut counts, on any thread, what of it was not written.
    const auto rest = std::as_const(writing).data().last(in_flight_);
    // The broker may have all of it, and end the connection for it, before the call returns.
    exposed_ = written_ + rest.size();
    lock.unlock();
    const auto written = connection->stream().write(rest);
    const std::size_t reached = written ? *written : connection->stream().under_way();
    lock.lock();
    if (connection_ != connection) return;
    exposed_ = written_ + reached;
    if (!written && written.error().code == errc::would_block) {
      lock.unlock();
      connection->stream().wait_writable(connection);
      return;
    }
    if (!written) {
      end_writing(written.error());
      return;
    }
    in_flight_ -= *written;
    written_ += *written;
    pump();
  }
  finish_drain_if_empty();
}

/// The connection takes nothing more. What the broker had written before it went is still to be read, and the
/// end of that ends the connection; the lane stays taken until then.
void ClientCore::end_writing(const Error& why) {
  if (state_ != State::up) {
    fail_connection(DisconnectReason::broken, why);
    return;
  }
  write_failure_ = why;
  write_failed_at_ = last_words_at_ = Clock::now();
  last_words_paused_ = reading_paused_;
  heard_ = false;
  next_tick_ = write_failed_at_ + last_words_interval;
  arm_timer_by(next_tick_);
}

void ClientCore::answer(const Connection* from, const base::ByteBuffer& bytes) {
  Lock lock(mutex_);
  if (connection_.get() != from) return;
  queued_.append(bytes.data());
  step_deadline_ = Clock::now() + config_.timeout;
  flush_now(lock);
}

void ClientCore::cancel_operation(std::uint64_t ticket) {
  const auto cancelled = std::make_error_code(std::errc::operation_canceled);
  Lock lock(mutex_);
  if (auto entry = outbox_.take_ticket(ticket)) {
    count_loss(ClientLoss::cancelled);
    entry->done.post(fail(cancelled, entry->sent ? "cancelled while the broker's answer was awaited"
                                                 : "cancelled before it was sent"));
  } else {
    const auto found =
        std::ranges::find_if(blocked_, [ticket](const Blocked& one) { return one.ticket == ticket; });
    if (found == blocked_.end()) return;
    count_loss(ClientLoss::cancelled);
    found->done.post(fail(cancelled, "cancelled before it was sent"));
    blocked_bytes_ -= found->frame.size();
    blocked_.erase(found);
  }
  pump();
  finish_drain_if_empty();
  if (!queued_.empty()) flush_now(lock);
}

}  // namespace busrt::detail
