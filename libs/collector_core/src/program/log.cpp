// The only file that includes spdlog.

#include "program/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <memory>

namespace collector_core {
namespace {

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
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

base::LogSink stderr_log(const std::string& name, base::LogLevel level) {
  const auto logger =
      std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_sink_mt>());
  logger->set_pattern("%n: [%l] %v");
  logger->set_level(to_spdlog(level));
  return [logger](base::LogLevel line_level, std::string_view line) {
    logger->log(to_spdlog(line_level), spdlog::string_view_t(line.data(), line.size()));
  };
}

}  // namespace collector_core
