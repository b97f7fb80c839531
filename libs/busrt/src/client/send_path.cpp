#include "client/send_path.hpp"

#include <algorithm>
#include <string>
#include <system_error>

#include "client/cuts.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

void SendPath::add_to(ClientStats& stats) const {
  stats.outgoing_bytes = buffer_.outgoing_bytes();
  stats.unconfirmed = outbox_.size();
  stats.unconfirmed_bytes = outbox_.bytes();
  stats.waiting = waiting_.size();
}

SendPath::TimePoint SendPath::next_deadline() const {
  auto next = drain_.deadline();
  if (const auto deadline = outbox_.next_deadline()) next = std::min(next, *deadline);
  return std::min({next, waiting_.next_deadline(), room_waiters_.next_deadline()});
}

bool SendPath::has_credit(std::size_t bytes) const noexcept {
  const std::size_t used = outbox_.size();
  return used == 0 || (used < config_.window_frames && outbox_.bytes() + bytes <= config_.window_bytes);
}

bool SendPath::may_begin(const PendingOperation& operation) const {
  const std::size_t bytes = operation.frame.size();
  if (wants_ack(operation.qos)) {
    if (!has_credit(bytes)) return false;
    if (link_ == Link::resuming) return true;
    if (goes_alone(operation.cuts) && outbox_.any_sent()) return false;
  }
  return link_ == Link::up && !outbox_.holds_new_frames() && buffer_.has_room(bytes);
}

void SendPath::begin(PendingOperation operation) {
  const std::uint32_t op_id = op_ids_.next();
  wire::store_u32(operation.frame.data().data(), op_id);
  const Op op = wire::op_of_request(operation.frame.data());
  const std::size_t bytes = operation.frame.size();
  const bool is_up = link_ == Link::up;
  const bool acked = wants_ack(operation.qos);
  const bool repeatable = config_.reconnect.enabled && operation.repeat == Repeat::if_lost;
  const bool keep = acked && (!is_up || repeatable);
  const std::uint64_t position = buffer_.end_position();
  if (is_up) {
    if (!acked) unacked_.add();
    count_sent(bytes - wire::request_header_bytes);
    base::ByteBuffer& queued = buffer_.queued();
    if (!keep && queued.empty() && queued.capacity() < bytes) {
      queued = std::move(operation.frame);
    } else {
      queued.append(std::as_const(operation.frame).data());
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
                 .unacked_before = unacked_.sent(),
                 .position = position,
                 .cuts = operation.cuts,
                 .repeatable = repeatable,
                 .sent = is_up});
  } else if (operation.done) {
    operation.done.post({});
  }
}

void SendPath::pump() {
  send_outbox();
  while (!waiting_.empty() && may_begin(waiting_.front())) begin(waiting_.pop());
  probe_when_drained();
  room_waiters_.notify([this](Room room) { return has_room_for_more(room); });
}

/// Sends entries of the outbox that the present connection has not got yet.
void SendPath::send_outbox() {
  while (link_ == Link::up) {
    OutboxEntry* const entry = outbox_.next_unsent();
    if (entry == nullptr || !buffer_.has_room(entry->bytes)) return;
    entry->position = buffer_.end_position();
    buffer_.queued().append(std::as_const(entry->frame).data());
    count_sent(entry->bytes - wire::request_header_bytes);
    if (entry->sent) {
      ++stats_.resent;
      entry->resent = true;
    }
    entry->unacked_before = unacked_.sent();
    outbox_.mark_sent();
  }
}

bool SendPath::has_room_for_more(Room room) const noexcept {
  if (room == Room::credit) {
    return waiting_.empty() && outbox_.size() <= config_.window_frames / 2 &&
           outbox_.bytes() <= config_.window_bytes / 2;
  }
  return !backlogged() && buffer_.at_most_half_full();
}

std::uint32_t SendPath::append_probe() {
  constexpr std::string_view topic_of_no_one = ".busrt/drain";
  const std::uint32_t op_id = op_ids_.next();
  wire::append_topic_request(buffer_.queued(), op_id, Op::unsubscribe, QoS::processed, {&topic_of_no_one, 1});
  return op_id;
}

void SendPath::append_ping_if_idle(std::size_t keep_bytes) {
  base::ByteBuffer& queued = buffer_.queued();
  if (!queued.empty()) return;
  if (queued.capacity() > keep_bytes) queued.release();
  wire::append_ping(queued);
}

/// Frames without ack may still be on their way when the connection is closed, and be lost with it: a TCP
/// connection that is closed with unread input is reset. So the last request of a drain is a probe.
void SendPath::probe_when_drained() {
  // An ack that is still to come confirms them as well.
  if (!drain_.active() || link_ != Link::up || operations() != 0 || unacked_.unknown() == 0) return;
  const std::size_t before = buffer_.queued().size();
  const std::uint32_t op_id = append_probe();
  // The drain's own deadline is the one that counts.
  outbox_.add({.op_id = op_id,
               .deadline = TimePoint::max(),
               .ticket = next_ticket(),
               .bytes = buffer_.queued().size() - before,
               .unacked_before = unacked_.sent(),
               .sent = true});
  unacked_.probe_sent(op_id);
}

std::optional<OutboxEntry> SendPath::acknowledged(std::uint32_t op_id) {
  auto entry = outbox_.take(op_id);
  if (entry) unacked_.acknowledged(op_id, entry->unacked_before);
  return entry;
}

bool SendPath::cancel(std::uint64_t ticket) {
  const auto cancelled = std::make_error_code(std::errc::operation_canceled);
  if (auto entry = outbox_.take_ticket(ticket)) {
    entry->done.post(fail(cancelled, entry->sent ? "cancelled while the broker's answer was awaited"
                                                 : "cancelled before it was sent"));
  } else if (auto operation = waiting_.take_ticket(ticket)) {
    operation->done.post(fail(cancelled, "cancelled before it was sent"));
  } else {
    return false;
  }
  count_loss(ClientLoss::cancelled);
  return true;
}

void SendPath::expire(TimePoint now) {
  for (OutboxEntry& entry : outbox_.take_expired(now)) {
    count_loss(entry.sent ? ClientLoss::expired : ClientLoss::expired_unsent);
    if (!entry.done) continue;
    entry.done.post(entry.sent ? fail(errc::timeout,
                                      "the broker has not confirmed the operation in time; "
                                      "its frame was sent and may have been delivered")
                               : fail(errc::not_sent, "there was no connection before the deadline"));
  }
  for (PendingOperation& operation : waiting_.take_expired(now)) {
    count_loss(ClientLoss::expired_unsent);
    if (operation.done) operation.done.post(fail(errc::not_sent, "there was no room before the deadline"));
  }
  room_waiters_.expire(now);
  pump();
}

void SendPath::begin_drain(TimePoint deadline, Completion<Result<>> done) {
  drain_.begin(deadline, std::move(done));
  probe_when_drained();
}

bool SendPath::drained() const noexcept {
  return drain_.active() && operations() == 0 && (link_ != Link::up || buffer_.outgoing_bytes() == 0);
}

CutFrames SendPath::drop_connection(const base::ByteBuffer* writing, ClientLoss cause) {
  CutFrames cut;
  const std::size_t unwritten_bytes = link_ == Link::up ? buffer_.outgoing_bytes() : 0;
  if (writing != nullptr && link_ == Link::up) {
    cut = count_cut_frames(writing->data(), writing->size() - buffer_.in_flight());
    const auto behind = count_cut_frames(std::as_const(buffer_).queued().data(), 0);
    cut.frames += behind.frames;
    cut.bytes += behind.bytes;
    count_loss(cause, cut.frames);
    stats_.unsent_bytes += cut.bytes;
  }
  const std::uint64_t unknown = unacked_.unknown() - std::min(unacked_.unknown(), cut.frames);
  if (const auto probe = unacked_.connection_closed()) static_cast<void>(outbox_.take(*probe));
  if (drain_.active()) {
    drain_.connection_closed(unwritten_bytes, unknown);
    stats_.unknown_frames += unknown;
  }
  buffer_.connection_closed();
  return cut;
}

std::vector<OutboxEntry> SendPath::suspend(Link link, std::uint64_t exposed) {
  link_ = link;
  return outbox_.connection_lost(exposed);
}

void SendPath::fail_suspended(std::vector<OutboxEntry> ended, const Error& why) {
  // These errors say errc::io themselves.
  const std::string reason = why.code == errc::io && !why.message.empty() ? why.message : why.describe();
  const Error cut{errc::io, "sent, and not confirmed before the connection was lost: " + reason};
  const Error cut_alone{errc::io,
                        "three connections ended before the broker confirmed this operation, the last while "
                        "nothing else was under way; the broker does not take it, and its log may say why: " +
                            reason};
  for (OutboxEntry& entry : ended) {
    const bool alone = cut_too_often(entry.cuts);
    count_loss(alone ? ClientLoss::cut_alone : ClientLoss::cut_once);
    if (entry.done) entry.done.post(std::unexpected(alone ? cut_alone : cut));
  }
  for (PendingOperation& operation : waiting_.take_unacked()) {
    if (operation.done) operation.done.post(fail(errc::not_sent, why.describe()));
  }
  room_waiters_.fail_room(Room::buffer, why);
}

/// Ends an operation with ack for which nothing more is done.
void SendPath::fail_operation(Completion<Result<>>& done, bool sent, const Error& why) {
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

void SendPath::fail_all(const Error& why, const Error& unacknowledged) {
  link_ = Link::down;
  for (OutboxEntry& entry : outbox_.take_all())
    fail_operation(entry.done, entry.sent, entry.sent ? unacknowledged : why);
  for (PendingOperation& operation : waiting_.take_all()) {
    if (wants_ack(operation.qos)) {
      fail_operation(operation.done, false, why);
    } else if (operation.done) {
      operation.done.post(fail(errc::not_sent, why.describe()));
    }
  }
  room_waiters_.fail_all(why);
}

SendPath::Abandoned SendPath::abandon() {
  if (link_ == Link::up) link_ = Link::resuming;
  return {outbox_.take_all(), waiting_.take_all(), room_waiters_.take_all(), drain_.abandon()};
}

}  // namespace busrt::detail
