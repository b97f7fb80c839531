// Sending: frames are encoded into one buffer under the lock. The holder of the write lane swaps the buffer
// out and writes it outside the lock. During that write, and while the connection has no room, frames collect
// behind it.
#include <boost/asio/post.hpp>
#include <utility>

#include "client/client_core.hpp"
#include "client/request_encoding.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

namespace {

/// Refills of the lane before other work of the executor gets its turn.
constexpr int refills_per_turn = 4;

struct FlushHandler {
  std::shared_ptr<Connection> connection;
  void operator()() const { connection->on_flush(); }
};
struct NextTurnHandler {
  std::shared_ptr<Connection> connection;
  void operator()() const { connection->on_writable(); }
};

}  // namespace

Result<> ClientCore::check_open() const {
  if (send_.draining() || state_ == State::closed) return fail(errc::closed);
  if (lingering_.active()) {
    return fail(errc::not_connected,
                "not sent, since the connection is ending: " + lingering_.failure().message);
  }
  if (state_ == State::up) return {};
  // The caller may not know yet that the connection has ended.
  const bool known = !last_end_.message.empty();
  return fail(errc::not_connected,
              known ? "not sent, since the last connection ended: " + last_end_.message : "");
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
  if (state_ != State::up || send_.draining() || lingering_.active()) [[unlikely]]
    return check_open();
  if (!send_.try_send(op, target, payload, qos, body)) return fail(errc::would_block);
  if (send_.buffer().lane_busy()) return {};
  if (send_.writes_at_once(qos)) {
    flush_now(lock);
  } else {
    flush_soon(lock);
  }
  return {};
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
  if (send_.draining() || (state_ != State::up && !(acked && resuming())) ||
      (lingering_.active() && !acked)) {
    if (done) done.post(check_open());
    return;
  }
  const std::uint64_t ticket = send_.next_ticket();
  PendingOperation operation{std::move(frame), options.qos, repeat, cuts, deadline, ticket, std::move(done)};
  const bool at_once = send_.may_begin_now(operation);
  if (!at_once && (options.when_full == WhenFull::refuse || !send_.may_wait(operation))) {
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
    send_.wait(std::move(operation));
    arm_timer_by(deadline);
    return;
  }
  send_.begin(std::move(operation));
  if (acked) arm_timer_by(deadline);
  if (state_ != State::up || send_.buffer().lane_busy()) return;
  if (send_.writes_at_once(options.qos)) {
    flush_now(lock);
  } else {
    flush_soon(lock);
  }
}

void ClientCore::wait_writable(Completion<Result<>> done) {
  wait_for_room(Room::buffer, std::move(done));
}
void ClientCore::wait_credit(Completion<Result<>> done) {
  wait_for_room(Room::credit, std::move(done));
}

void ClientCore::wait_for_room(Room room, Completion<Result<>> done) {
  const Lock lock(mutex_);
  if (send_.draining() || (state_ != State::up && !(room == Room::credit && resuming()))) {
    done.post(check_open());
  } else if (send_.has_room_for_more(room)) {
    done.post({});
  } else {
    const auto deadline = Clock::now() + config_.delivery_timeout;
    arm_timer_by(deadline);
    send_.wait_for_room(room, deadline, std::move(done));
  }
}

void ClientCore::flush_soon(Lock& lock) {
  if (!send_.buffer().schedule_flush()) return;
  const auto connection = connection_;
  lock.unlock();
  boost::asio::post(executor_, FlushHandler{connection});
}

void ClientCore::flush_now(Lock& lock) {
  if (!connection_ || !send_.buffer().claim_lane()) return;
  const auto connection = connection_;
  write(lock, connection);
  // Where the lane stays taken, write() has let go of it.
  if (!lock.owns_lock()) lock.lock();
}

void ClientCore::flush_posted(const std::shared_ptr<Connection>& connection) {
  Lock lock(mutex_);
  if (connection_ != connection) return;
  send_.buffer().flush_begins();
  flush_now(lock);
}

void ClientCore::continue_writing(const std::shared_ptr<Connection>& connection) {
  Lock lock(mutex_);
  if (connection_ == connection) write(lock, connection);
}

/// Gives the lane what has collected. False when there is nothing.
bool ClientCore::refill(Connection& connection) {
  send_.pump();
  if (send_.buffer().queued().empty()) return false;
  send_.buffer().take(connection.writing());
  keepalive_.sent();
  return true;
}

/// The caller holds the lane; it is free again on return, or waits for the connection, and then the lock is
/// released.
void ClientCore::write(Lock& lock, const std::shared_ptr<Connection>& connection) {
  auto& writing = connection->writing();
  SendBuffer& buffer = send_.buffer();
  for (int refills = 0;;) {
    if (buffer.in_flight() == 0) {
      writing.clear();
      if (!refill(*connection)) {
        buffer.release_lane();
        break;
      }
      if (++refills > refills_per_turn) {
        // The lane stays busy: the posted turn continues the write.
        lock.unlock();
        boost::asio::post(executor_, NextTurnHandler{connection});
        return;
      }
    }
    // Without the lock the buffer is only read: a cut counts, on any thread, what of it was not written.
    const auto rest = buffer.expose(writing);
    lock.unlock();
    const auto written = connection->stream().write(rest);
    const std::size_t reached = written ? *written : connection->stream().under_way();
    lock.lock();
    if (connection_ != connection) return;
    buffer.reached(reached);
    if (!written && written.error().code == errc::would_block) {
      lock.unlock();
      connection->stream().wait_writable(connection);
      return;
    }
    if (!written) {
      end_writing(written.error());
      return;
    }
    buffer.wrote(*written);
    send_.pump();
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
  lingering_.begin(why, Clock::now(), inbox_.reading_paused());
  static_cast<void>(keepalive_.take_received());
  arm_timer_by(lingering_.next_check());
}

void ClientCore::answer(const Connection* from, const base::ByteBuffer& bytes) {
  Lock lock(mutex_);
  if (connection_.get() != from) return;
  send_.buffer().queued().append(bytes.data());
  step_deadline_ = Clock::now() + config_.timeout;
  flush_now(lock);
}

void ClientCore::cancel_operation(std::uint64_t ticket) {
  Lock lock(mutex_);
  if (!send_.cancel(ticket)) return;
  send_.pump();
  finish_drain_if_empty();
  if (!send_.buffer().queued().empty()) flush_now(lock);
}

}  // namespace busrt::detail
