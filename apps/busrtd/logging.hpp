// Where busrtd's log lines go: the terminal, or syslog.
#pragma once

#include <memory>

#include "base/log.hpp"
#include "options.hpp"

namespace spdlog {
class logger;
}

namespace busrtd {

/// Logs to stderr or, on Linux, to syslog when in the background or asked to. As with the real server,
/// DISABLE_SYSLOG=1 in the environment keeps a background process off syslog unless --log-syslog asks for it.
[[nodiscard]] std::shared_ptr<spdlog::logger> make_logger(const Options& options);

/// The library's view of the logger. Thread-safe.
[[nodiscard]] base::LogSink make_sink(std::shared_ptr<spdlog::logger> logger);

}  // namespace busrtd
