// When an agent that died is started again, and when no more. No clock of its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

#include "busrt/base/backoff.hpp"

namespace daemoneye_keeper {

class RestartPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  /// More restarts than this within the window, and the keeper gives up: an agent that dies ten times in ten
  /// minutes does no work between its deaths.
  static constexpr std::size_t most = 10;
  static constexpr std::chrono::minutes window{10};
  /// An agent that ran for this long starts again after the shortest pause.
  static constexpr std::chrono::seconds stable{60};

  /// An agent has died that had run for `lasted`. Returns the pause before the next start; nothing: give up.
  [[nodiscard]] std::optional<std::chrono::milliseconds> died(Clock::time_point now, Clock::duration lasted) {
    while (!deaths_.empty() && now - deaths_.front() >= window) deaths_.pop_front();
    if (deaths_.size() >= most) return std::nullopt;
    deaths_.push_back(now);
    if (lasted >= stable) backoff_.reset();
    return backoff_.next(0);
  }

 private:
  std::deque<Clock::time_point> deaths_;
  busrt::base::Backoff backoff_{std::chrono::milliseconds(100), std::chrono::seconds(30),
                                busrt::base::Jitter::none};
};

}  // namespace daemoneye_keeper
