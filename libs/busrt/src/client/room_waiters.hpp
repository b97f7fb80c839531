// Callers of wait_writable() and wait_credit(): they wait until the outgoing buffer or the window has room.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "busrt/detail/completion.hpp"
#include "busrt/error.hpp"

namespace busrt::detail {

/// What a caller waits for.
enum class Room : std::uint8_t {
  buffer,  ///< the outgoing buffer; the wait ends with the connection
  credit,  ///< the window; the wait goes on while the client reconnects
};

/// Not thread-safe. Each caller's handler is posted exactly once.
class RoomWaiters {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Waiter {
    Room room;
    TimePoint deadline;
    Completion<Result<>> done;
  };

  [[nodiscard]] bool empty() const noexcept { return waiters_.empty(); }
  void add(Room room, TimePoint deadline, Completion<Result<>> done) {
    waiters_.push_back({room, deadline, std::move(done)});
  }

  /// Completes the callers for which `has_room(Room)` holds.
  template <class Predicate>
  void notify(Predicate has_room) {
    if (waiters_.empty()) return;
    complete_if([&](const Waiter& waiter) { return has_room(waiter.room); }, Result<>());
  }
  /// Completes the callers whose deadline has come with errc::timeout.
  void expire(TimePoint now) {
    if (waiters_.empty()) return;
    complete_if([now](const Waiter& waiter) { return waiter.deadline <= now; },
                fail(errc::timeout, "no room came in time"));
  }
  /// Completes the callers that wait for `room` with an error.
  void fail_room(Room room, const Error& why) {
    complete_if([room](const Waiter& waiter) { return waiter.room == room; }, std::unexpected(why));
  }
  void fail_all(const Error& why) {
    complete_if([](const Waiter&) { return true; }, std::unexpected(why));
  }
  /// Gives the callers away, uncalled.
  [[nodiscard]] std::vector<Waiter> take_all() noexcept { return std::exchange(waiters_, {}); }

  /// The earliest deadline; TimePoint::max() if there is none.
  [[nodiscard]] TimePoint next_deadline() const noexcept {
    auto next = TimePoint::max();
    for (const Waiter& waiter : waiters_) next = std::min(next, waiter.deadline);
    return next;
  }

 private:
  template <class Predicate>
  void complete_if(Predicate wanted, const Result<>& result) {
    std::erase_if(waiters_, [&](Waiter& waiter) {
      if (!wanted(waiter)) return false;
      waiter.done.post(result);
      return true;
    });
  }

  std::vector<Waiter> waiters_;
};

}  // namespace busrt::detail
