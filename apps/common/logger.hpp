// A program's log: one line for each thing that happened.
#pragma once

#include <fmt/format.h>

#include <utility>

#include "busrt/base/log.hpp"

namespace program {

/// A sink with formatting. Cheap to copy; as thread-safe as its sink.
class Logger {
 public:
  explicit Logger(busrt::base::LogSink sink) : sink_(std::move(sink)) {}

  template <class... Args>
  void debug(fmt::format_string<Args...> format, Args&&... args) const {
    sink_(busrt::base::LogLevel::debug, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    sink_(busrt::base::LogLevel::info, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warn(fmt::format_string<Args...> format, Args&&... args) const {
    sink_(busrt::base::LogLevel::warn, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    sink_(busrt::base::LogLevel::error, fmt::format(format, std::forward<Args>(args)...));
  }
  [[nodiscard]] const busrt::base::LogSink& sink() const noexcept { return sink_; }

 private:
  busrt::base::LogSink sink_;
};

}  // namespace program
