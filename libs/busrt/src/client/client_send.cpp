// The way out: frames are encoded into one buffer under the lock; whoever gets the write lane swaps the
// buffer out and writes it outside the lock. While that goes on, or while the connection takes no more,
// frames collect behind it.
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
  return {};
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
  const std::size_t body = target.size() + receiver.size() + 2 + prefix.size() + payload.size();
  if (auto checked = check_body(body, config_.max_body_bytes); !checked)
    return std::unexpected(checked.error());
  base::ByteBuffer frame(wire::request_header_bytes + body);
  wire::append_request(frame, 0, op, qos, target, receiver, prefix, payload);
  return frame;
}

Result<base::ByteBuffer> ClientCore::encode_topics(Op op, const std::vector<std::string>& patterns) const {
  std::vector<std::string_view> views;
  views.reserve(patterns.size());
  std::size_t body = patterns.size();
  for (const std::string& pattern : patterns) {
    if (pattern.empty()) return fail(errc::data, std::string(to_string(op)) + ": a topic pattern is empty");
    if (auto checked = check_target(Op::publish, pattern, {}); !checked) {
      return fail(checked.error().code, std::string(to_string(op)) + " pattern \"" + pattern.substr(0, 64) +
                                            "\": not UTF-8 text without NUL of at most " +
                                            std::to_string(limits::max_topic_bytes) + " bytes");
    }
    body += pattern.size();
    views.emplace_back(pattern);
  }
  if (views.empty()) return fail(errc::data, std::string(to_string(op)) + " without a topic pattern");
  if (auto checked = check_body(body, config_.max_body_bytes); !checked)
    return std::unexpected(checked.error());
  base::ByteBuffer frame;
  wire::append_topic_request(frame, 0, op, QoS::processed, views);
  return frame;
}

Result<> ClientCore::check_open() const {
  switch (state_) {
    case State::up:
      return {};
    case State::idle:
    case State::connecting:
      return fail(errc::not_connected);
    case State::draining:
    case State::closed:
      break;
  }
  return fail(errc::closed);
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
  const std::size_t body = target.size() + 1 + payload.size();
  if (auto checked = check_body(body, config_.max_body_bytes); !checked) return checked;

  Lock lock(mutex_);
  if (state_ != State::up) return check_open();
  // Behind operations that wait: overtaking them would break the order of one thread's calls.
  if (!blocked_.empty() || !has_room(wire::request_header_bytes + body)) return fail(errc::would_block);
  wire::append_request(queued_, op_ids_.next(), op, qos, target, {}, {}, payload);
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

void ClientCore::operate(base::ByteBuffer frame, QoS qos, Completion<Result<>> done) {
  const bool acked = wants_ack(qos);
  const auto deadline = acked ? Clock::now() + config_.timeout : Clock::time_point::max();
  Lock lock(mutex_);
  if (state_ != State::up) {
    if (done) done.post(check_open());
    return;
  }
  const std::uint64_t ticket = next_ticket_++;
  if (done && done.cancellable()) {
    done.on_cancel([weak = weak_from_this(), ticket] {
      if (const auto self = weak.lock()) self->cancel_operation(ticket);
    });
  }
  Blocked operation{std::move(frame), qos, deadline, ticket, std::move(done)};
  if (!blocked_.empty() || !has_room(operation.frame.size())) {
    blocked_.push_back(std::move(operation));
    return;
  }
  enqueue(std::move(operation));
  if (lane_busy_) return;
  // Alone, an acked operation's latency counts; among others, sharing a write does.
  const bool alone = acked && confirmations_.size() == 1;
  if (alone || is_realtime(qos) || queued_.size() >= inline_write_bytes) {
    flush_now(lock);
  } else {
    flush_soon(lock);
  }
}

void ClientCore::enqueue(Blocked operation) {
  const std::uint32_t op_id = op_ids_.next();
  wire::store_u32(operation.frame.data().data(), op_id);
  if (queued_.empty() && queued_.capacity() < operation.frame.size()) {
    queued_ = std::move(operation.frame);
    stats_.bytes_out += queued_.size() - wire::request_header_bytes;
  } else {
    queued_.append(operation.frame.data());
    stats_.bytes_out += operation.frame.size() - wire::request_header_bytes;
  }
  ++stats_.frames_out;
  if (wants_ack(operation.qos)) {
    confirmations_.add(op_id, operation.deadline, Unconfirmed{operation.ticket, std::move(operation.done)});
  } else if (operation.done) {
    operation.done.post({});
  }
}

void ClientCore::admit_blocked() {
  while (!blocked_.empty() && has_room(blocked_.front().frame.size())) {
    enqueue(std::move(blocked_.front()));
    blocked_.pop_front();
  }
}

void ClientCore::wait_writable(Completion<Result<>> done) {
  const Lock lock(mutex_);
  if (state_ != State::up) {
    done.post(check_open());
  } else if (outgoing_bytes() <= config_.outgoing_bytes / 2) {
    done.post({});
  } else {
    writable_waiters_.push_back(std::move(done));
  }
}

void ClientCore::tell_writable() {
  if (writable_waiters_.empty() || outgoing_bytes() > config_.outgoing_bytes / 2) return;
  for (auto& waiter : std::exchange(writable_waiters_, {})) waiter.post({});
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
  admit_blocked();
  if (queued_.empty()) return false;
  std::swap(queued_, connection.writing());
  in_flight_ = connection.writing().size();
  sent_ = true;
  return true;
}

/// The caller holds the lane; it is free again on return, or waits for the connection.
void ClientCore::write(Lock& lock, const std::shared_ptr<Connection>& connection) {
  auto& writing = connection->writing();
  for (int refills = 0;;) {
    if (writing.empty()) {
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
    lock.unlock();
    const auto written = connection->stream().write(writing.data());
    if (written) writing.consume(*written);
    const bool wait = !written && written.error().code == errc::would_block;
    if (wait) connection->stream().wait_writable(connection);
    lock.lock();
    if (connection_ != connection) return;
    if (wait) return;
    if (!written) {
      end_locked(written.error());
      return;
    }
    in_flight_ = writing.size();
    admit_blocked();
    tell_writable();
  }
  finish_drain_if_empty();
}

void ClientCore::answer(const Connection* from, const base::ByteBuffer& bytes) {
  Lock lock(mutex_);
  if (connection_.get() != from) return;
  queued_.append(bytes.data());
  step_deadline_ = Clock::now() + config_.timeout;
  flush_now(lock);
}

void ClientCore::cancel_operation(std::uint64_t ticket) {
  const auto is_it = [ticket](const auto& operation) { return operation.ticket == ticket; };
  const auto cancelled = std::make_error_code(std::errc::operation_canceled);
  const Lock lock(mutex_);
  if (auto waiting = confirmations_.take_if(is_it)) {
    waiting->done.post(fail(cancelled, "cancelled while the broker's answer was awaited"));
  } else if (const auto found = std::find_if(blocked_.begin(), blocked_.end(), is_it);
             found != blocked_.end()) {
    found->done.post(fail(cancelled, "cancelled before it was sent"));
    blocked_.erase(found);
  }
}

}  // namespace busrt::detail
