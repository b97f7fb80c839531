// A log that never blocks the threads that write to it.
//
// Lines go into a bounded queue in memory. A separate thread writes them to the output. The output may block:
// a pipe whose reader has stopped, a terminal under Ctrl-S, syslog, a slow disk. If the queue is full, lines
// are left out and counted. When the output takes lines again, the writer inserts one line with the number of
// missing lines in their place. At its end the writer writes the queued lines, until a deadline.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "busrt/base/log.hpp"

namespace busrt::base {

/// Bound of the queue in bytes. At 150 bytes a line it holds about 5,000 lines: many seconds of a log that a
/// person can still read.
inline constexpr std::size_t log_queue_bytes = 1U << 20;

/// Time that a program's end waits for its log.
inline constexpr std::chrono::milliseconds log_drain_timeout = std::chrono::seconds(2);

/// An output for log lines. Thread safety: only the writer's thread calls it.
class LogOutput {
 public:
  virtual ~LogOutput() = default;
  /// Writes one line. The line has no line end. The call may block. Returns false if the output did not take
  /// the line.
  [[nodiscard]] virtual bool write(LogLevel level, std::string_view line) = 0;
};

/// Returns an output to standard error. It never closes standard error and does not change its mode, because
/// other programs may share it.
[[nodiscard]] std::unique_ptr<LogOutput> standard_error_output();

/// Formats a line. Thread safety: only the writer's thread calls it.
using LogFormat = std::function<std::string(LogLevel level, std::chrono::system_clock::time_point when,
                                            std::string_view line)>;

/// Returns a format with UTC time in RFC 3339, as everywhere in our logs: `2026-11-30T20:00:10.123Z warning
/// text`. The level has a colour if standard error is a terminal.
[[nodiscard]] LogFormat timestamped_format();
/// Returns a format without time, `NAME: [warning] text`. It suits a program whose parent adds the time.
[[nodiscard]] LogFormat named_format(std::string name);
/// Returns a format with the text alone. It suits syslog, which adds time and level.
[[nodiscard]] LogFormat plain_format();

/// Returns "trace", "debug", "info", "warning" or "error".
[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;

/// A log writer: it owns the queue, the thread and the output. Thread safety: any thread.
class LogWriter {
 public:
  /// Starts the writer's thread. Lines below the level `least` are not queued.
  LogWriter(std::unique_ptr<LogOutput> output, LogFormat format, LogLevel least,
            std::size_t queue_bytes = log_queue_bytes);
  /// Writes queued lines for at most log_drain_timeout. Lines that remain are lost. If the output blocks at
  /// that point, the thread remains in its call until the process ends.
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// Queues a line and escapes its control characters. It never blocks and never throws. Lines below the
  /// least level are not queued.
  void write(LogLevel level, std::string_view line) noexcept;
  /// Waits until all lines so far are written. Returns false if that takes longer than `limit`.
  bool flush(std::chrono::milliseconds limit = log_drain_timeout);
  /// Returns a sink that writes to this log. The sink may outlive the writer; lines after the writer's end
  /// are discarded.
  [[nodiscard]] LogSink sink() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace busrt::base
