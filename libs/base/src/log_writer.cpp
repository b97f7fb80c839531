#include "busrt/base/log_writer.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "busrt/base/grouped.hpp"
#include "busrt/base/named_thread.hpp"
#include "busrt/base/printable.hpp"

namespace busrt::base {

namespace {

using Time = std::chrono::system_clock;

struct Line {
  LogLevel level = LogLevel::info;
  Time::time_point when;
  std::string text;
  std::uint64_t missing = 0;  ///< lines that were left out just before it
};

/// What a line costs in the queue.
std::size_t cost_of(const Line& line) noexcept {
  return sizeof(Line) + line.text.size();
}

}  // namespace

struct LogWriter::State {
  State(std::unique_ptr<LogOutput> to, LogFormat as, LogLevel from, std::size_t bytes)
      : output(std::move(to)), format(std::move(as)), least(from), limit(bytes) {}

  void push(LogLevel level, std::string_view text) {
    Line line{.level = level, .when = Time::now(), .text = printable(text)};
    const std::lock_guard lock(mutex);
    if (closing) return;
    // After an overflow the queue empties by half first, so that the gaps are few and long. Lines of debug
    // and trace have no limit by cause: the others keep a sixteenth for themselves, or a flood of them at the
    // end would take the last words of a program.
    const bool limited_by_cause = level >= LogLevel::info;
    const std::size_t usual = missing == 0 ? limit : limit / 2;
    const std::size_t room = limited_by_cause ? limit + limit / 16 : usual;
    if (queued + cost_of(line) > room && !lines.empty()) {
      ++missing;
      return;
    }
    line.missing = std::exchange(missing, 0);
    queued += cost_of(line);
    lines.push_back(std::move(line));
    wake.notify_all();
  }

  void take(LogLevel level, std::string_view text) noexcept {
    if (level < least) return;
    try {
      push(level, text);
    } catch (const std::exception&) {
      // There is no memory for the line.
      const std::lock_guard lock(mutex);
      ++missing;
    }
  }

  /// The thread. Ends when the writer is closed and nothing is queued.
  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      wake.wait(lock, [this] { return !lines.empty() || missing != 0 || closing; });
      if (lines.empty() && missing == 0) break;
      Line line;
      if (lines.empty()) {
        // Nothing follows that could tell it.
        line.missing = std::exchange(missing, 0);
        line.when = Time::now();
      } else {
        line = std::move(lines.front());
        lines.pop_front();
        queued -= cost_of(line);
      }
      writing = true;
      lock.unlock();
      put(line);
      lock.lock();
      writing = false;
      wake.notify_all();
    }
    ended = true;
    wake.notify_all();
  }

  /// The gap before the line, then the line.
  void put(const Line& line) noexcept {
    refused += line.missing;
    if (refused != 0 && put_text(LogLevel::warn, line.when,
                                 "log: " + grouped(refused) + (refused == 1 ? " line is" : " lines are") +
                                     " missing here, the output did not take them in time")) {
      refused = 0;
    }
    if (line.text.empty() && line.missing != 0) return;
    if (!put_text(line.level, line.when, line.text)) ++refused;
  }

  bool put_text(LogLevel level, Time::time_point when, std::string_view text) noexcept {
    try {
      return output->write(level, format(level, when, text));
    } catch (const std::exception&) {
      return false;
    }
  }

  const std::unique_ptr<LogOutput> output;
  const LogFormat format;
  const LogLevel least;
  const std::size_t limit;
  std::uint64_t refused = 0;  ///< by the output, or left out, and not told yet; of the thread

  std::mutex mutex;  // guards what follows
  std::condition_variable wake;
  std::deque<Line> lines;
  std::size_t queued = 0;     ///< bytes
  std::uint64_t missing = 0;  ///< lines left out since the last one that was queued
  bool writing = false;
  bool closing = false;
  bool ended = false;
  std::thread thread;
};

LogWriter::LogWriter(std::unique_ptr<LogOutput> output, LogFormat format, LogLevel least,
                     std::size_t queue_bytes)
    : state_(std::make_shared<State>(std::move(output), std::move(format), least, queue_bytes)) {
  // The thread shares the state, because it may have to be left behind in a call that blocks.
  state_->thread = start_named_thread("log", [state = state_] { state->run(); });
}

LogWriter::~LogWriter() {
  std::unique_lock lock(state_->mutex);
  state_->closing = true;
  state_->wake.notify_all();
  const bool ended = state_->wake.wait_for(lock, log_drain_timeout, [this] { return state_->ended; });
  lock.unlock();
  if (ended) {
    state_->thread.join();
  } else {
    state_->thread.detach();
  }
}

void LogWriter::write(LogLevel level, std::string_view line) noexcept {
  state_->take(level, line);
}

bool LogWriter::flush(std::chrono::milliseconds limit) {
  std::unique_lock lock(state_->mutex);
  return state_->wake.wait_for(
      lock, limit, [this] { return state_->lines.empty() && state_->missing == 0 && !state_->writing; });
}

LogSink LogWriter::sink() const {
  return [state = state_](LogLevel level, std::string_view line) { state->take(level, line); };
}

}  // namespace busrt::base
