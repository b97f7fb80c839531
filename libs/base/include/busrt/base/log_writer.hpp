// A log that never blocks the threads that write to it.
//
// Lines go into a bounded queue in memory, and a thread of its own writes them to the output, which may
// block: a pipe whose reader has stopped, a terminal under Ctrl-S, syslog, a slow disk. When the queue is
// full, lines are left out and counted. Once the output takes lines again, one line tells how many are
// missing, in the place where they are missing. The end waits for what is queued, but not for longer than a
// deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "busrt/base/log.hpp"

namespace busrt::base {

/// Queued bytes of lines: at 150 bytes a line about 5,000 lines, which is many seconds of any log that is
/// worth reading.
inline constexpr std::size_t log_queue_bytes = 1U << 20;

/// How long the end of a program waits for its log to be written.
inline constexpr std::chrono::milliseconds log_drain_timeout = std::chrono::seconds(2);

/// Where lines go. Used by the writer's thread alone.
class LogOutput {
 public:
  virtual ~LogOutput() = default;
  /// Writes one line, which has no line end; may block. False: the output did not take it.
  [[nodiscard]] virtual bool write(LogLevel level, std::string_view line) = 0;
};

/// Standard error. Never closes it, and leaves its mode alone: others may share it.
[[nodiscard]] std::unique_ptr<LogOutput> standard_error_output();

/// A line as the log shows it. Called by the writer's thread.
using LogFormat = std::function<std::string(LogLevel level, std::chrono::system_clock::time_point when,
                                            std::string_view line)>;

/// `2026-11-30T20:00:10.123Z warning text`: UTC in RFC 3339, as every time in our logs. The level is coloured
/// where standard error is a terminal.
[[nodiscard]] LogFormat timestamped_format();
/// `NAME: [warning] text`, for a program whose parent logs its lines with the time.
[[nodiscard]] LogFormat named_format(std::string name);
/// The text alone, for syslog, which has time and level of its own.
[[nodiscard]] LogFormat plain_format();

/// "trace", "debug", "info", "warning" or "error".
[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;

/// Owns queue, thread and output. Thread-safe.
class LogWriter {
 public:
  LogWriter(std::unique_ptr<LogOutput> output, LogFormat format, LogLevel least,
            std::size_t queue_bytes = log_queue_bytes);
  /// Waits for log_drain_timeout at most. What is not written by then is lost, and so is the thread: it stays
  /// behind in its blocked call until the process ends.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// Queues a line, its control characters escaped; never blocks and never throws. Lines below the least
  /// level are not queued.
  void write(LogLevel level, std::string_view line) noexcept;
  /// True when all lines so far are written, false when that takes longer than `limit`.
  bool flush(std::chrono::milliseconds limit = log_drain_timeout);
  /// The writer as a sink, which may outlive it: lines after its end go nowhere.
  [[nodiscard]] LogSink sink() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace busrt::base
