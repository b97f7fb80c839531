// The agent's log is that of all our programs.
#pragma once

#include "common/logger.hpp"

namespace daemoneye_agent {

using program::Logger;

}  // namespace daemoneye_agent
