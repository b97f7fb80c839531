// Operations that wait for their ack, in the order in which they were sent. Acks nearly always come in that
// order, so the common case looks at the front alone; no hash, no allocation per operation.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace busrt::detail {

/// `T` is what to complete: in the client, the caller's completion. Not thread-safe.
template <class T>
class Confirmations {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Ids must be added in the order in which OpIds hands them out, deadlines in ascending order.
  void add(std::uint32_t op_id, TimePoint deadline, T waiter) {
    waiting_.push_back(Entry{op_id, deadline, std::optional<T>(std::move(waiter))});
    ++count_;
  }

  /// What waited for this id; nothing for an id that was never added or is answered already (a late or
  /// repeated ack).
  [[nodiscard]] std::optional<T> take(std::uint32_t op_id) {
    if (waiting_.empty()) return std::nullopt;
    // Ids ascend modulo 2^32, so their distance from the first is sorted.
    const std::uint32_t first = waiting_.front().op_id;
    const std::uint32_t distance = op_id - first;
    auto found = waiting_.begin();
    if (distance != 0) {
      found = std::lower_bound(
          waiting_.begin(), waiting_.end(), distance,
          [first](const Entry& entry, std::uint32_t wanted) { return entry.op_id - first < wanted; });
      if (found == waiting_.end() || found->op_id != op_id) return std::nullopt;
    }
    return found->waiter ? release(*found) : std::nullopt;
  }

  /// The first waiter for which `wanted(const T&)` holds: for cancellation, which is rare enough for a
  /// search.
  template <class Predicate>
  [[nodiscard]] std::optional<T> take_if(Predicate wanted) {
    for (Entry& entry : waiting_) {
      if (entry.waiter && wanted(*entry.waiter)) return release(entry);
    }
    return std::nullopt;
  }

  /// Those whose deadline has come.
  [[nodiscard]] std::vector<T> take_expired(TimePoint now) {
    std::vector<T> expired;
    while (!waiting_.empty() && waiting_.front().deadline <= now)
      expired.push_back(*release(waiting_.front()));
    return expired;
  }
  [[nodiscard]] std::vector<T> take_all() {
    std::vector<T> all;
    while (!waiting_.empty()) all.push_back(*release(waiting_.front()));
    return all;
  }

  [[nodiscard]] std::optional<TimePoint> next_deadline() const {
    return waiting_.empty() ? std::nullopt : std::optional(waiting_.front().deadline);
  }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

 private:
  struct Entry {
    std::uint32_t op_id;
    TimePoint deadline;
    std::optional<T> waiter;  // empty once answered, until all before it are
  };

  /// The front entry is never empty.
  std::optional<T> release(Entry& entry) {
    std::optional<T> waiter = std::exchange(entry.waiter, std::nullopt);
    --count_;
    while (!waiting_.empty() && !waiting_.front().waiter) waiting_.pop_front();
    return waiter;
  }

  std::deque<Entry> waiting_;
  std::size_t count_ = 0;
};

/// Op ids: 1 to 2^32-1, then 1 again.
class OpIds {
 public:
  OpIds() = default;
  explicit OpIds(std::uint32_t last) : last_(last) {}
  [[nodiscard]] std::uint32_t next() noexcept {
    if (++last_ == 0) last_ = 1;
    return last_;
  }

 private:
  std::uint32_t last_ = 0;
};

}  // namespace busrt::detail
