// When the client tries to connect, and when it gives up (ReconnectPolicy, docs/adr/0004).
#pragma once

#include <chrono>
#include <cstdint>

#include "busrt/base/backoff.hpp"
#include "busrt/delivery.hpp"
#include "busrt/error.hpp"

namespace busrt::detail {

/// Not thread-safe. No clock, no random numbers, no I/O.
class ReconnectSchedule {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// What is due between two attempts.
  enum class Due : std::uint8_t { nothing, attempt, give_up };

  /// A connection that was up for `stable` makes the next delay the first one again.
  ReconnectSchedule(const ReconnectPolicy& policy, std::chrono::milliseconds stable);

  /// connect() was called.
  void begin(TimePoint now);
  void attempt_begins() noexcept { ++attempts_; }
  /// The number of attempts since connect() or since the last connection.
  [[nodiscard]] std::uint32_t attempts() const noexcept { return attempts_; }
  void connected(TimePoint now) noexcept;
  void connection_lost(TimePoint now) noexcept;
  /// The broker itself is well: the next delay is the first one again.
  void reset_backoff() noexcept { backoff_.reset(); }

  /// Returns whether another attempt may follow. `was_up`: there was a connection since connect(). `needed`:
  /// something is left that a new connection is for.
  [[nodiscard]] bool may_retry(const Error& why, TimePoint now, bool was_up, bool needed) const noexcept;
  /// Schedules the next attempt and returns its delay. `random` lies in [0, 1).
  std::chrono::milliseconds schedule(TimePoint now, bool was_up, double random) noexcept;
  /// When due() has an answer again.
  [[nodiscard]] TimePoint next_due() const noexcept;
  [[nodiscard]] Due due(TimePoint now) const noexcept;

 private:
  const ReconnectPolicy policy_;
  const std::chrono::milliseconds stable_;
  base::Backoff backoff_;
  std::uint32_t attempts_ = 0;
  TimePoint retry_at_{};
  TimePoint up_since_{};
  TimePoint give_up_at_ = TimePoint::max();
};

}  // namespace busrt::detail
