// The send path: what becomes of an operation from its call to its ack.
//
// The model. An operation that finds no room waits. Once it has begun, an operation with ack is in the outbox
// (the window) until the broker acknowledges it, and its bytes go to the send buffer as soon as there is a
// connection. An operation without ack goes to the send buffer alone, and is complete then.
//
//   waiting -> outbox (with ack) -> send buffer -> connection
//
// Order: no frame overtakes an operation that waits, or one of an earlier connection that is to be sent
// again. After a lost connection, the outbox is what the next connection begins with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/client.hpp"
#include "busrt/detail/completion.hpp"
#include "client/cut_frames.hpp"
#include "client/drain.hpp"
#include "client/op_ids.hpp"
#include "client/outbox.hpp"
#include "client/room_waiters.hpp"
#include "client/send_buffer.hpp"
#include "client/unacked_frames.hpp"
#include "client/waiting_operations.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

/// Not thread-safe. No I/O: the owner writes what the send buffer holds. Results are posted, never
/// dispatched.
class SendPath {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The connection as the send path sees it.
  enum class Link : std::uint8_t {
    down,      ///< none, and none was up since connect(): nothing begins
    resuming,  ///< lost, and the client reconnects: operations with ack begin and wait for the next
               ///< connection
    up
  };

  /// Everything that the owner destroys outside its lock.
  struct Abandoned {
    std::vector<OutboxEntry> unacknowledged;
    std::deque<PendingOperation> waiting;
    std::vector<RoomWaiters::Waiter> room_waiters;
    Completion<Result<>> drain;
  };

  /// `config` and `stats` outlive the send path. Losses and sent frames are counted in `stats`.
  SendPath(const ClientConfig& config, ClientStats& stats)
      : config_(config), stats_(stats), buffer_(config.outgoing_bytes) {}

  [[nodiscard]] Link link() const noexcept { return link_; }
  [[nodiscard]] bool up() const noexcept { return link_ == Link::up; }
  [[nodiscard]] SendBuffer& buffer() noexcept { return buffer_; }
  [[nodiscard]] OpIds& op_ids() noexcept { return op_ids_; }
  /// The number of operations that wait or are not acknowledged.
  [[nodiscard]] std::size_t operations() const noexcept { return outbox_.size() + waiting_.size(); }
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return outbox_.size(); }
  void add_to(ClientStats& stats) const;
  /// The earliest deadline of an operation, a room waiter or the drain; TimePoint::max() if there is none.
  [[nodiscard]] TimePoint next_deadline() const;

  // Operations.
  /// Names the next operation, for cancel().
  [[nodiscard]] std::uint64_t next_ticket() noexcept { return next_ticket_++; }
  [[nodiscard]] bool may_begin_now(const PendingOperation& operation) const {
    return waiting_.empty() && may_begin(operation);
  }
  [[nodiscard]] bool may_wait(const PendingOperation& operation) const noexcept {
    return waiting_.has_room(operation.frame.size());
  }
  /// may_begin_now() must hold.
  void begin(PendingOperation operation);
  /// may_wait() must hold.
  void wait(PendingOperation operation) { waiting_.add(std::move(operation)); }
  /// Queues a frame without ack, whose body has `body_bytes`. Returns false if there is no room. The link
  /// must be up.
  [[nodiscard]] bool try_send(Op op, std::string_view target, std::span<const std::byte> payload, QoS qos,
                              std::size_t body_bytes) {
    if (backlogged() || !buffer_.has_room(wire::request_header_bytes + body_bytes)) return false;
    wire::append_request(buffer_.queued(), op_ids_.next(), op, qos, target, {}, {}, payload);
    unacked_.add();
    count_sent(body_bytes);
    return true;
  }
  /// Completes the operation as cancelled. Returns false if it has ended already.
  bool cancel(std::uint64_t ticket);
  /// Begins whatever there is room for now: the outbox of an earlier connection, then waiting operations.
  void pump();
  /// Returns true if the caller is to write what is queued itself, instead of scheduling a flush: for low
  /// latency, or because it has queued much.
  [[nodiscard]] bool writes_at_once(QoS qos) const noexcept {
    // Alone, the latency of an operation with ack counts; among others, sharing a write does.
    const bool alone = wants_ack(qos) && outbox_.size() == 1;
    return alone || is_realtime(qos) || buffer_.queued().size() >= inline_write_bytes;
  }

  // Room.
  [[nodiscard]] bool has_room_for_more(Room room) const noexcept;
  void wait_for_room(Room room, TimePoint deadline, Completion<Result<>> done) {
    room_waiters_.add(room, deadline, std::move(done));
  }

  /// An operation that changes nothing and that every broker acknowledges. Returns its id.
  std::uint32_t append_probe();
  /// Appends a ping, unless something is queued: that says as well that the client lives. Memory over
  /// `keep_bytes` is freed.
  void append_ping_if_idle(std::size_t keep_bytes);

  /// The broker has acknowledged an operation. Returns it; nothing for a late or repeated ack.
  [[nodiscard]] std::optional<OutboxEntry> acknowledged(std::uint32_t op_id);
  /// Ends what is over its deadline, then pumps.
  void expire(TimePoint now);

  // The drain.
  [[nodiscard]] bool draining() const noexcept { return drain_.active(); }
  [[nodiscard]] TimePoint drain_deadline() const noexcept { return drain_.deadline(); }
  void begin_drain(TimePoint deadline, Completion<Result<>> done);
  /// Returns true if a drain is active and nothing is left to send or to acknowledge.
  [[nodiscard]] bool drained() const noexcept;
  void finish_drain(const Error& why, std::size_t operations_left) { drain_.finish(why, operations_left); }

  // The connection's life.
  void connection_up() noexcept { link_ = Link::up; }
  /// The connection is gone. `writing` is what its lane holds; null if there was none. Drops all outgoing
  /// bytes and counts the frames without ack among them as lost by `cause`. Returns these.
  CutFrames drop_connection(const base::ByteBuffer* writing, ClientLoss cause);
  /// The client reconnects, or connects still. Bytes before the position `exposed` may be why the connection
  /// ended. Returns the operations that are not sent again.
  [[nodiscard]] std::vector<OutboxEntry> suspend(Link link, std::uint64_t exposed);
  /// Completes what suspend() returned, and what does not wait for a connection, with errors.
  void fail_suspended(std::vector<OutboxEntry> ended, const Error& why);
  /// The client has ended: completes all operations and room waiters. Sent operations get `unacknowledged`,
  /// all others `why`.
  void fail_all(const Error& why, const Error& unacknowledged);
  [[nodiscard]] Abandoned abandon();

 private:
  /// A caller that has queued this much writes it itself: it is still in the cache then, and one write takes
  /// about that.
  static constexpr std::size_t inline_write_bytes = 64U << 10;

  [[nodiscard]] bool has_credit(std::size_t bytes) const noexcept;
  [[nodiscard]] bool may_begin(const PendingOperation& operation) const;
  /// Returns true if frames stand before a new one.
  [[nodiscard]] bool backlogged() const noexcept { return !waiting_.empty() || outbox_.holds_new_frames(); }
  void send_outbox();
  void probe_when_drained();
  void count_loss(ClientLoss cause, std::uint64_t count = 1) noexcept {
    stats_.lost[static_cast<std::size_t>(cause)] += count;
  }
  void count_sent(std::size_t body_bytes) noexcept {
    ++stats_.frames_out;
    stats_.bytes_out += body_bytes;
  }
  void fail_operation(Completion<Result<>>& done, bool sent, const Error& why);

  const ClientConfig& config_;
  ClientStats& stats_;
  Link link_ = Link::down;
  OpIds op_ids_;
  std::uint64_t next_ticket_ = 1;
  SendBuffer buffer_;
  WaitingOperations waiting_;
  Outbox outbox_;
  RoomWaiters room_waiters_;
  UnackedFrames unacked_;
  Drain drain_;
};

}  // namespace busrt::detail
