// Where a collector program's lines go.
#pragma once

#include <string>

#include "base/log.hpp"

namespace collector_core {

/// Lines on stderr, `NAME: [level] text`, which the agent's own log or a terminal shows.
[[nodiscard]] base::LogSink stderr_log(const std::string& name, base::LogLevel level);

}  // namespace collector_core
