// The only place of busrtd that chooses between stderr and syslog.
#include "logging.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/syslog_sink.h>

#include <cstdlib>
#include <string_view>
#include <utility>

namespace busrtd {
namespace {

bool wants_syslog(const Options& options) {
  if (options.log_syslog) return true;
  const char* disabled = std::getenv("DISABLE_SYSLOG");
  return options.daemonize && (disabled == nullptr || std::string_view(disabled) != "1");
}

spdlog::level::level_enum to_spdlog(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::trace:
      return spdlog::level::trace;
    case base::LogLevel::debug:
      return spdlog::level::debug;
    case base::LogLevel::info:
      return spdlog::level::info;
    case base::LogLevel::warn:
      return spdlog::level::warn;
    case base::LogLevel::error:
      break;
  }
  return spdlog::level::err;
}

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(const Options& options) {
  std::shared_ptr<spdlog::logger> logger;
  if (wants_syslog(options)) {
    auto sink = std::make_shared<spdlog::sinks::syslog_sink_mt>("busrtd", LOG_PID, LOG_USER, true);
    sink->set_pattern("%v");
    logger = std::make_shared<spdlog::logger>("busrtd", std::move(sink));
  } else {
    auto sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    sink->set_pattern("%Y-%m-%dT%H:%M:%S%z %^%-5l%$ %v");
    logger = std::make_shared<spdlog::logger>("busrtd", std::move(sink));
  }
  logger->set_level(options.verbose ? spdlog::level::trace : spdlog::level::info);
  logger->flush_on(spdlog::level::info);
  return logger;
}

base::LogSink make_sink(std::shared_ptr<spdlog::logger> logger) {
  return [logger = std::move(logger)](base::LogLevel level, std::string_view line) {
    logger->log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  };
}

}  // namespace busrtd
