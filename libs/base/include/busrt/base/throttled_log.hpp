// Log lines that a peer, or a system without room, can cause as often as it likes: limited by cause, and what
// is left out is counted.
//
// A window begins with the first line. Within it a number of lines is written and the others are counted.
// When it has ended, one line tells the count: `CAUSE: ... and 1,234 more of these in 10 s`.
#pragma once

#include <atomic>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "busrt/base/log.hpp"

namespace busrt::base {

/// How many lines of one cause are written in which time.
struct LogLimit {
  std::uint64_t lines = 10;
  std::chrono::milliseconds window = std::chrono::seconds(10);
};

/// The lines of one cause. Thread-safe.
class ThrottledLog {
 public:
  using Clock = std::chrono::steady_clock;

  /// `cause` begins the line that tells the count. `sink` may be empty.
  ThrottledLog(LogSink sink, std::string cause, LogLimit limit = {});
  /// Tells what is not told yet.
  ~ThrottledLog();
  ThrottledLog(const ThrottledLog&) = delete;
  ThrottledLog& operator=(const ThrottledLog&) = delete;

  /// Writes the line or counts it. Lines of the levels trace and debug are always written: who asks for these
  /// asks for all of them.
  void write(LogLevel level, std::string_view line, Clock::time_point now = Clock::now());
  /// The same for a line that costs work: `make_line` is called only where the line is written.
  template <std::invocable MakeLine>
  void write(LogLevel level, MakeLine make_line, Clock::time_point now = Clock::now()) {
    if (admits(level, now)) sink_(level, make_line());
  }
  /// Tells the count of a window that has ended. Without ticks the next line, or the end, does so.
  void tick(Clock::time_point now = Clock::now());

 private:
  /// Counts a line that is not to be written.
  [[nodiscard]] bool admits(LogLevel level, Clock::time_point now);
  void tell(std::uint64_t count, LogLevel level) const;

  const LogSink sink_;
  const std::string cause_;
  const LogLimit limit_;
  std::atomic<bool> has_left_out_{false};  // for ticks without the lock
  std::mutex mutex_;                       // guards what follows
  Clock::time_point window_end_{};
  std::uint64_t written_ = 0;
  std::uint64_t left_out_ = 0;
  LogLevel worst_ = LogLevel::trace;  ///< of those left out
};

}  // namespace busrt::base
