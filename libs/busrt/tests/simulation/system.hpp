// What the simulation puts in the system's place: the clock, and the source of random numbers. Production
// code asks the system for both as ever; this executable answers.
#pragma once

#include <chrono>
#include <cstdint>

namespace busrt::simulation {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

/// While one lives, every clock of the process stands still but for advance_to(), and std::random_device
/// draws from the seed. One at a time, and one thread.
class VirtualSystem {
 public:
  explicit VirtualSystem(std::uint64_t seed);
  ~VirtualSystem();
  VirtualSystem(const VirtualSystem&) = delete;
  VirtualSystem& operator=(const VirtualSystem&) = delete;

  void advance_to(Time time);
};

/// The real time, whoever lives.
[[nodiscard]] Duration real_time();

}  // namespace busrt::simulation
