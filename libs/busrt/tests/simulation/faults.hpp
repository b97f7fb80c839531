// When what goes wrong next.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "plan.hpp"

namespace busrt::simulation {

enum class Fault : std::uint8_t {
  cut,
  stall,
  refuse,
  client_crash,
  client_leave,
  broker_crash,
  broker_restart,
  shard_pause,
  client_pause,
};

class Faults {
 public:
  Faults(const FaultPlan& plan, Random& random, Time now)
      : means_{plan.cut,          plan.stall,          plan.refuse,      plan.client_crash, plan.client_leave,
               plan.broker_crash, plan.broker_restart, plan.shard_pause, plan.client_pause},
        random_(random) {
    for (std::size_t i = 0; i < count; ++i) draw(i, now);
  }

  /// One that is due, if any; to be asked until there is none.
  std::optional<Fault> due(Time now) {
    for (std::size_t i = 0; i < count; ++i) {
      if (next_[i] > now) continue;
      draw(i, now);
      return static_cast<Fault>(i);
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t count = 9;

  void draw(std::size_t which, Time now) {
    next_[which] =
        means_[which].count() == 0 ? Time::max() : now + random_.around(means_[which]) + Duration(1);
  }

  const std::array<Duration, count> means_;
  Random& random_;
  std::array<Time, count> next_{};
};

}  // namespace busrt::simulation
