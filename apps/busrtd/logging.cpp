// The library's log levels as spdlog's.
#include "logging.hpp"

#include <spdlog/logger.h>

#include <string_view>
#include <utility>

#include "system.hpp"

namespace busrtd {
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
      break;
  }
  return spdlog::level::err;
}

}  // namespace

std::shared_ptr<spdlog::logger> make_logger(const Options& options) {
  auto logger = std::make_shared<spdlog::logger>("busrtd", make_log_sink(options));
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
