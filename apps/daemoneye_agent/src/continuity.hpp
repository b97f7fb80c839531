// What an agent gets from the one before it, and leaves to the one after it, by the keeper.
#pragma once

#include <memory>
#include <optional>

#include "account/position_table.hpp"
#include "logger.hpp"
#include "supervisor/keeper_connection.hpp"

namespace daemoneye_agent {

struct Continuity {
  std::shared_ptr<PositionTable> positions;  ///< null: none are kept
  std::optional<Predecessor> predecessor;
};

/// Takes the table of positions from the keeper, or gives it a new one. What fails is logged: the agent runs
/// without. `keeper` may be null.
[[nodiscard]] Continuity continuity_from(KeeperConnection* keeper, const Logger& log);

}  // namespace daemoneye_agent
