#include "busrt/base/throttled_log.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "busrt/base/grouped.hpp"

namespace busrt::base {

ThrottledLog::ThrottledLog(LogSink sink, std::string cause, LogLimit limit)
    : sink_(std::move(sink)), cause_(std::move(cause)), limit_(limit) {}

ThrottledLog::~ThrottledLog() {
  try {
    if (left_out_ != 0) tell(left_out_, worst_);
  } catch (const std::bad_alloc&) {
    // There is no memory for the line.
  }
}

bool ThrottledLog::admits(LogLevel level, Clock::time_point now) {
  if (!sink_) return false;
  if (level < LogLevel::info) return true;
  std::uint64_t ended = 0;
  LogLevel ended_level = LogLevel::trace;
  bool admitted = true;
  {
    const std::lock_guard lock(mutex_);
    if (now >= window_end_) {
      ended = std::exchange(left_out_, 0);
      ended_level = std::exchange(worst_, LogLevel::trace);
      window_end_ = now + limit_.window;
      written_ = 0;
    }
    admitted = written_ < limit_.lines;
    if (admitted) {
      ++written_;
    } else {
      ++left_out_;
      worst_ = std::max(worst_, level);
    }
    has_left_out_.store(left_out_ != 0, std::memory_order_relaxed);
  }
  if (ended != 0) tell(ended, ended_level);
  return admitted;
}

void ThrottledLog::write(LogLevel level, std::string_view line, Clock::time_point now) {
  if (admits(level, now)) sink_(level, line);
}

void ThrottledLog::tick(Clock::time_point now) {
  if (!has_left_out_.load(std::memory_order_relaxed)) return;
  std::uint64_t ended = 0;
  LogLevel level = LogLevel::trace;
  {
    const std::lock_guard lock(mutex_);
    if (now < window_end_) return;
    ended = std::exchange(left_out_, 0);
    level = std::exchange(worst_, LogLevel::trace);
    has_left_out_.store(false, std::memory_order_relaxed);
  }
  if (ended != 0) tell(ended, level);
}

void ThrottledLog::tell(std::uint64_t count, LogLevel level) const {
  const auto tenths = limit_.window.count() / 100;
  std::string seconds = std::to_string(tenths / 10);
  if (tenths % 10 != 0) seconds += "." + std::to_string(tenths % 10);
  sink_(level, cause_ + ": ... and " + grouped(count) + " more of these in " + seconds + " s");
}

}  // namespace busrt::base
