// Logging as a value: a library takes a sink, and the program decides where lines go. There is no global
// logger.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt::base {

/// The level of a log line, from least to most important.
enum class LogLevel : std::uint8_t { trace, debug, info, warn, error };

/// Takes one log line. Thread safety: any thread of the library may call it. It must not block for long and
/// must not throw.
using LogSink = std::function<void(LogLevel, std::string_view)>;

}  // namespace busrt::base
BUSRT_API_END
