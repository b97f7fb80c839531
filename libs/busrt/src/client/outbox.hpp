// Operations that wait for their ack, in the order in which they were sent, each with its encoded frame where
// that may have to be sent again. Acks nearly always come in that order, so the common case looks at the
// front alone; no hash, no allocation per operation.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/detail/completion.hpp"
#include "busrt/error.hpp"
#include "busrt/protocol.hpp"
#include "client/cuts.hpp"

namespace busrt::detail {

struct OutboxEntry {
  using TimePoint = std::chrono::steady_clock::time_point;

  std::uint32_t op_id = 0;
  Op op = Op::nop;
  TimePoint deadline{};
  std::uint64_t ticket = 0;
  std::size_t bytes = 0;  ///< what it takes of the window, frame kept or not
  base::ByteBuffer frame{};
  Completion<Result<>> done{};
  std::uint64_t unacked_before = 0;  ///< frames without ack that the present connection was given before it
  std::uint64_t position = 0;        ///< bytes that the present connection was given before it
  unsigned cuts = 0;                 ///< connections that ended with it on the wire and unanswered
  bool repeatable = false;           ///< may be sent on a second connection
  bool sent = false;                 ///< has been handed to a connection, this or an earlier one
  bool resent = false;               ///< and to an earlier one as well, on which it may have been delivered
};

/// Entries handed to the present connection come first, then those that wait for it. Not thread-safe.
class Outbox {
 public:
  using TimePoint = OutboxEntry::TimePoint;

  /// Ids must be added in the order in which OpIds hands them out. An entry with `sent` set has gone to the
  /// present connection, which is allowed only while none waits.
  void add(OutboxEntry entry);

  /// What waited for this id; nothing for an id that was never added or is answered already (a late or
  /// repeated ack).
  [[nodiscard]] std::optional<OutboxEntry> take(std::uint32_t op_id);
  /// For cancellation, which is rare enough for a search.
  [[nodiscard]] std::optional<OutboxEntry> take_ticket(std::uint64_t ticket);
  /// Those whose deadline has come.
  [[nodiscard]] std::vector<OutboxEntry> take_expired(TimePoint now);
  [[nodiscard]] std::vector<OutboxEntry> take_all();

  /// The present connection is lost, and it may be for one of the frames of which a byte stands before
  /// `exposed`: each of them has one cut more. Everything waits for the next connection, but for what was
  /// sent and may not be sent twice, and what was cut too often; these are returned.
  [[nodiscard]] std::vector<OutboxEntry> connection_lost(std::uint64_t exposed);
  /// The first entry that waits for the connection and may be sent now, or null. Its frame is there.
  [[nodiscard]] OutboxEntry* next_unsent();
  /// next_unsent() has been handed over. The frame of one that may not be sent again is dropped.
  void mark_sent();

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// True where an entry handed to the present connection is unanswered.
  [[nodiscard]] bool any_sent() const noexcept { return unsent_ < slots_.size(); }
  /// True where a new frame must not be sent: entries wait before it, or one goes alone.
  [[nodiscard]] bool holds_new_frames() const noexcept { return unsent_ != 0 || one_goes_alone(); }
  /// No entry's deadline comes before; may be earlier than every one. Nothing when empty.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const noexcept {
    return count_ == 0 ? std::nullopt : std::optional(earliest_);
  }

 private:
  struct Slot {
    std::uint32_t op_id;
    std::optional<OutboxEntry> entry;  // empty once answered, until all before it are
  };

  [[nodiscard]] bool one_goes_alone() const noexcept {
    return any_sent() && goes_alone(slots_.front().entry->cuts);
  }
  [[nodiscard]] OutboxEntry& first_unsent() { return *slots_[slots_.size() - unsent_].entry; }
  std::optional<OutboxEntry> release(Slot& slot);
  /// Keeps the invariants: the first slot, and the first of the unsent ones, are not empty.
  void trim();

  std::deque<Slot> slots_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::size_t unsent_ = 0;  // slots at the end that the present connection has not got
  TimePoint earliest_ = TimePoint::max();
};

}  // namespace busrt::detail
