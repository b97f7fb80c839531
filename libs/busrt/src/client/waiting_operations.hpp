// Operations that wait for room in the outgoing buffer or in the window, in the order of their calls.
#pragma once

#include <algorithm>
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
#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"

namespace busrt::detail {

/// Whether an operation may be sent on a second connection if the first was lost before its ack.
enum class Repeat : std::uint8_t { if_lost, never };

/// An operation that has not begun yet.
struct PendingOperation {
  using TimePoint = std::chrono::steady_clock::time_point;

  base::ByteBuffer frame;  ///< with op id zero
  QoS qos = QoS::processed;
  Repeat repeat = Repeat::if_lost;
  unsigned cuts = 0;  ///< connections that ended with it on the wire and unacknowledged
  TimePoint deadline{};
  std::uint64_t ticket = 0;
  Completion<Result<>> done{};
};

/// Bounded in operations and in bytes (limits::client_waiting_operations, client_waiting_bytes). Not
/// thread-safe.
class WaitingOperations {
 public:
  using TimePoint = PendingOperation::TimePoint;

  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  /// Returns true if a frame of this size may wait. The first one always may.
  [[nodiscard]] bool has_room(std::size_t frame_bytes) const noexcept {
    if (waiting_.empty()) return true;
    return waiting_.size() < limits::client_waiting_operations &&
           bytes_ + frame_bytes <= limits::client_waiting_bytes;
  }

  void add(PendingOperation operation) {
    bytes_ += operation.frame.size();
    waiting_.push_back(std::move(operation));
  }
  /// Must not be empty.
  [[nodiscard]] const PendingOperation& front() const noexcept { return waiting_.front(); }
  [[nodiscard]] PendingOperation pop() {
    PendingOperation operation = std::move(waiting_.front());
    bytes_ -= operation.frame.size();
    waiting_.pop_front();
    return operation;
  }

  [[nodiscard]] std::optional<PendingOperation> take_ticket(std::uint64_t ticket) {
    const auto found = std::ranges::find(waiting_, ticket, &PendingOperation::ticket);
    if (found == waiting_.end()) return std::nullopt;
    std::optional<PendingOperation> taken(std::move(*found));
    bytes_ -= taken->frame.size();
    waiting_.erase(found);
    return taken;
  }
  /// Takes those whose deadline has come.
  [[nodiscard]] std::vector<PendingOperation> take_expired(TimePoint now) {
    return take_if([now](const PendingOperation& operation) { return operation.deadline <= now; });
  }
  /// Takes those that want no ack.
  [[nodiscard]] std::vector<PendingOperation> take_unacked() {
    return take_if([](const PendingOperation& operation) { return !wants_ack(operation.qos); });
  }
  [[nodiscard]] std::deque<PendingOperation> take_all() {
    bytes_ = 0;
    return std::exchange(waiting_, {});
  }

  /// The earliest deadline; TimePoint::max() if there is none.
  [[nodiscard]] TimePoint next_deadline() const noexcept {
    auto next = TimePoint::max();
    for (const PendingOperation& operation : waiting_) next = std::min(next, operation.deadline);
    return next;
  }

 private:
  template <class Predicate>
  std::vector<PendingOperation> take_if(Predicate wanted) {
    std::vector<PendingOperation> taken;
    std::erase_if(waiting_, [&](PendingOperation& operation) {
      if (!wanted(operation)) return false;
      bytes_ -= operation.frame.size();
      taken.push_back(std::move(operation));
      return true;
    });
    return taken;
  }

  std::deque<PendingOperation> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace busrt::detail
