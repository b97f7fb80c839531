// Logging as a value: libraries take a sink, programs decide where lines go. No global logger.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt::base {

enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };

/// Called from any thread of the library that was given it; must not block for long and must not throw.
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace busrt::base
BUSRT_API_END
