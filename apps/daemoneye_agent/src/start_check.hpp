// What a start would fail at, found without a start.
#pragma once

#include "config/config.hpp"
#include "config/config_check.hpp"

namespace daemoneye_agent {

/// Looks for everything that the configuration names and a start needs: directories, access rules,
/// certificates, sockets, and the programs of the enabled collectors. Changes nothing, and looks up no host.
[[nodiscard]] ConfigCheck check_start(const Config& config);

}  // namespace daemoneye_agent
