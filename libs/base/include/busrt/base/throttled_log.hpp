// Limits log lines that a peer, or a lack of memory or descriptors, can repeat without end. The limit applies
// to each cause by itself, and lines that are left out are counted.
//
// A window begins with the first line. In it a fixed number of lines is written; the others are counted. When
// the window has ended, one line gives the count: `CAUSE: ... and 1,234 more of these in 10 s`.
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

/// The limit of one cause.
struct LogLimit {
  std::uint64_t lines = 10;                                     ///< lines written in one window
  std::chrono::milliseconds window = std::chrono::seconds(10);  ///< length of the window
};

/// The log lines of one cause. Thread safety: any thread.
class ThrottledLog {
 public:
  using Clock = std::chrono::steady_clock;

  /// `cause` is the beginning of the line with the count. `sink` may be empty; then nothing is written.
  ThrottledLog(LogSink sink, std::string cause, LogLimit limit = {});
  /// Writes the count of the last window, if lines were left out.
  ~ThrottledLog();
  ThrottledLog(const ThrottledLog&) = delete;
  ThrottledLog& operator=(const ThrottledLog&) = delete;

  /// Writes the line or counts it. Lines of the levels trace and debug are always written: a user who selects
  /// these levels wants all lines.
  void write(LogLevel level, std::string_view line, Clock::time_point now = Clock::now());
  /// The same for a line that is expensive to make: `make_line` is called only if the line is written.
  template <std::invocable MakeLine>
  void write(LogLevel level, MakeLine make_line, Clock::time_point now = Clock::now()) {
    if (admits(level, now)) sink_(level, make_line());
  }
  /// Writes the count of a window that has ended. Without this call, the next line or the destructor writes
  /// it.
  void tick(Clock::time_point now = Clock::now());

 private:
  /// Returns true if the line may be written; otherwise counts it.
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
  LogLevel worst_ = LogLevel::trace;  ///< the highest level of the lines left out
};

}  // namespace busrt::base
