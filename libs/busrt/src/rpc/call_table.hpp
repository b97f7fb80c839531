// Calls that wait for their replies, by id and by deadline. No clock, no thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace busrt::detail {

/// `T` is what a reply completes. Not thread-safe.
template <class T>
class CallTable {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Returns true if the id is in use: 2^32 calls have begun since, and that one still waits.
  [[nodiscard]] bool contains(std::uint32_t id) const { return calls_.contains(id); }
  /// Adds a call. The id must not be in use. TimePoint::max() stands for no deadline: the owner ends the
  /// call, or sets a deadline later.
  void add(std::uint32_t id, std::string target, TimePoint deadline, T waiter) {
    calls_.try_emplace(id, Entry{std::move(target), deadline, std::move(waiter)});
    push_deadline(deadline, id);
  }

  [[nodiscard]] T* find(std::uint32_t id) {
    const auto found = calls_.find(id);
    return found == calls_.end() ? nullptr : &found->second.waiter;
  }
  /// Replaces the deadline of a call. The id must be in use.
  void set_deadline(std::uint32_t id, TimePoint deadline) {
    calls_.at(id).deadline = deadline;
    push_deadline(deadline, id);
  }

  /// Takes the call that a reply of this sender answers. Returns nothing for a late reply, and for a reply of
  /// another sender than the call's target.
  [[nodiscard]] std::optional<T> take_reply(std::uint32_t id, std::string_view sender) {
    const auto found = calls_.find(id);
    if (found == calls_.end() || found->second.target != sender) return std::nullopt;
    return release(found);
  }
  [[nodiscard]] std::optional<T> take(std::uint32_t id) {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return std::nullopt;
    return release(found);
  }

  [[nodiscard]] std::vector<T> take_expired(TimePoint now) {
    std::vector<T> expired;
    while (!deadlines_.empty() && deadlines_.front().first <= now) {
      const auto [deadline, id] = pop_deadline();
      const auto found = calls_.find(id);
      if (found != calls_.end() && found->second.deadline == deadline) expired.push_back(release(found));
    }
    return expired;
  }
  /// Takes the calls for which `wanted(id, T&)` holds.
  template <class Predicate>
  [[nodiscard]] std::vector<T> take_if(Predicate wanted) {
    std::vector<T> taken;
    for (auto call = calls_.begin(); call != calls_.end();) {
      if (!wanted(call->first, call->second.waiter)) {
        ++call;
        continue;
      }
      taken.push_back(std::move(call->second.waiter));
      call = calls_.erase(call);
    }
    return taken;
  }
  [[nodiscard]] std::vector<T> take_all() {
    std::vector<T> all;
    all.reserve(calls_.size());
    for (auto& [id, entry] : calls_) all.push_back(std::move(entry.waiter));
    calls_.clear();
    deadlines_.clear();
    return all;
  }

  /// Returns the earliest deadline. It may belong to a call that is answered already.
  [[nodiscard]] std::optional<TimePoint> next_deadline() const {
    return deadlines_.empty() ? std::nullopt : std::optional(deadlines_.front().first);
  }
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

 private:
  struct Entry {
    std::string target;
    TimePoint deadline;
    T waiter;
  };
  using Calls = std::unordered_map<std::uint32_t, Entry>;

  T release(typename Calls::iterator found) {
    T waiter = std::move(found->second.waiter);
    calls_.erase(found);
    return waiter;
  }
  void push_deadline(TimePoint deadline, std::uint32_t id) {
    if (deadline == TimePoint::max()) return;
    if (deadlines_.size() > 2 * calls_.size() + 64) forget_answered();
    deadlines_.emplace_back(deadline, id);
    std::push_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
  }
  std::pair<TimePoint, std::uint32_t> pop_deadline() {
    std::pop_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
    const auto last = deadlines_.back();
    deadlines_.pop_back();
    return last;
  }
  /// An answered call leaves its deadline behind. This keeps the heap at no more than about twice the number
  /// of calls.
  void forget_answered() {
    std::erase_if(deadlines_, [this](const auto& one) {
      const auto found = calls_.find(one.second);
      return found == calls_.end() || found->second.deadline != one.first;
    });
    std::make_heap(deadlines_.begin(), deadlines_.end(), std::greater<>());
  }

  Calls calls_;
  std::vector<std::pair<TimePoint, std::uint32_t>> deadlines_;  // a heap, earliest first
};

}  // namespace busrt::detail
