// How much a session may make its shard do before the shard's other sessions get their turn. Work is counted
// in steps, not in time: the same frames give way at the same place on any machine.
#pragma once

#include <cstddef>

#include "busrt/limits.hpp"

namespace busrt::broker {

/// Of the session that a shard serves now. Belongs to the shard's thread.
class Turn {
 public:
  void begin() noexcept { steps_ = 0; }
  void spend(std::size_t steps) noexcept { steps_ += steps; }
  [[nodiscard]] bool used_up() const noexcept { return steps_ >= limits::turn_steps; }
  [[nodiscard]] std::size_t steps() const noexcept { return steps_; }

 private:
  std::size_t steps_ = 0;
};

}  // namespace busrt::broker
