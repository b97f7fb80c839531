#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include "busrt/base/log_writer.hpp"
#include "log_system.hpp"

namespace busrt::base {

namespace {

/// RFC 3339 in UTC, to the millisecond.
std::string time_text(std::chrono::system_clock::time_point when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::milliseconds>(when - day));
  std::array<char, 48> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

/// All words take the same room, so that the texts stand below each other.
std::string level_text(LogLevel level, bool colours) {
  constexpr std::size_t width = 7;
  std::string word(to_string(level));
  word.resize(width, ' ');
  if (!colours || level < LogLevel::info) return word;
  const char* colour = level == LogLevel::info ? "32" : level == LogLevel::warn ? "33;1" : "31;1";
  return std::string("\x1b[") + colour + "m" + word + "\x1b[0m";
}

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::trace:
      return "trace";
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warn:
      return "warning";
    case LogLevel::error:
      break;
  }
  return "error";
}

LogFormat timestamped_format() {
  return [colours = standard_error_shows_colours()](
             LogLevel level, std::chrono::system_clock::time_point when, std::string_view line) {
    return time_text(when) + " " + level_text(level, colours) + " " + std::string(line);
  };
}

LogFormat named_format(std::string name) {
  return [prefix = std::move(name) + ": ["](LogLevel level, std::chrono::system_clock::time_point /*when*/,
                                            std::string_view line) {
    return prefix + std::string(to_string(level)) + "] " + std::string(line);
  };
}

LogFormat plain_format() {
  return [](LogLevel /*level*/, std::chrono::system_clock::time_point /*when*/, std::string_view line) {
    return std::string(line);
  };
}

}  // namespace busrt::base
