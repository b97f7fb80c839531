// The window: operations that wait for their ack, in the order in which they were sent, each with its encoded
// frame if that may have to be sent again.
//
// Acks nearly always arrive in that order, so the common case looks at the front alone. There is no hash and
// no allocation for each operation.
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
  std::size_t bytes = 0;  ///< its size in the window, also if the frame is not kept
  base::ByteBuffer frame{};
  Completion<Result<>> done{};
  std::uint64_t unacked_before = 0;  ///< frames without ack that the present connection was given before it
  std::uint64_t position = 0;        ///< bytes that the present connection was given before it
  unsigned cuts = 0;                 ///< connections that ended with it on the wire and unanswered
  bool repeatable = false;           ///< may be sent on a second connection
  bool sent = false;                 ///< has been handed to a connection, this or an earlier one
  bool resent = false;               ///< and to an earlier one as well, on which it may have been delivered
};

/// Entries that were sent on the present connection come first, then those that are still to be sent on it.
/// Not thread-safe.
class Outbox {
 public:
  using TimePoint = OutboxEntry::TimePoint;

  /// Adds an operation. Ids must be added in the order in which OpIds makes them. An entry with `sent` set
  /// was sent on the present connection; that is allowed only while no entry is still to be sent.
  void add(OutboxEntry entry);

  /// Takes the operation of an ack. Returns nothing if the id was never added or was taken already (a late or
  /// repeated ack).
  [[nodiscard]] std::optional<OutboxEntry> take(std::uint32_t op_id);
  /// Takes an operation by its ticket. Complexity: linear; cancellation is rare.
  [[nodiscard]] std::optional<OutboxEntry> take_ticket(std::uint64_t ticket);
  /// Takes the operations whose deadline has come.
  [[nodiscard]] std::vector<OutboxEntry> take_expired(TimePoint now);
  [[nodiscard]] std::vector<OutboxEntry> take_all();

  /// The present connection is lost. One of the frames with a byte before the position `exposed` may be the
  /// reason, so each of them has one more cut. All operations wait for the next connection, except those that
  /// were sent and are not repeatable, and those that were cut too often. These are taken and returned.
  [[nodiscard]] std::vector<OutboxEntry> connection_lost(std::uint64_t exposed);
  /// Returns the first entry that is still to be sent and may be sent now; null if there is none. It has its
  /// frame.
  [[nodiscard]] OutboxEntry* next_unsent();
  /// The entry of next_unsent() was sent. Its frame is dropped if it is not repeatable.
  void mark_sent();

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// Returns true if an entry was sent on the present connection and is not acknowledged.
  [[nodiscard]] bool any_sent() const noexcept { return unsent_ < slots_.size(); }
  /// Returns true if a new frame must not be sent: entries stand before it, or one is sent alone.
  [[nodiscard]] bool holds_new_frames() const noexcept { return unsent_ != 0 || one_goes_alone(); }
  /// Returns a time before which no deadline comes; nothing if there are no entries.
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
  /// Restores the invariant: neither the first slot nor the first unsent one is empty.
  void trim();

  std::deque<Slot> slots_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
  std::size_t unsent_ = 0;  // slots at the end that were not sent on the present connection
  TimePoint earliest_ = TimePoint::max();
};

}  // namespace busrt::detail
