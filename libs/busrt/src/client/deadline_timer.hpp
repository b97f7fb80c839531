// One timer for all deadlines of a client. It is armed again only for an earlier one.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <utility>

namespace busrt::detail {

/// Not thread-safe.
class DeadlineTimer {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit DeadlineTimer(const boost::asio::any_io_executor& executor) : timer_(std::in_place, executor) {}

  /// Calls `on_expiry()` on the executor at `when`, unless the timer is armed again or cancelled before.
  template <class Handler>
  void arm(TimePoint when, Handler on_expiry) {
    if (!timer_) return;
    armed_for_ = when;
    timer_->expires_at(when);
    timer_->async_wait([on_expiry = std::move(on_expiry)](boost::system::error_code error) mutable {
      if (!error) on_expiry();
    });
  }
  /// Returns true if the timer would expire after `deadline`.
  [[nodiscard]] bool is_late_for(TimePoint deadline) const noexcept { return deadline < armed_for_; }
  /// The handler runs: the timer is armed for nothing.
  void expired() noexcept { armed_for_ = TimePoint::max(); }
  void cancel() {
    if (timer_) timer_->cancel();
    armed_for_ = TimePoint::max();
  }
  /// Gives the system's timer away; arm() then does nothing.
  [[nodiscard]] std::optional<boost::asio::steady_timer> abandon() noexcept {
    return std::exchange(timer_, std::nullopt);
  }

 private:
  std::optional<boost::asio::steady_timer> timer_;
  TimePoint armed_for_ = TimePoint::max();
};

}  // namespace busrt::detail
