// The broker's lines that peers can cause as often as they like, limited by cause.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "busrt/base/log.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/base/throttled_log.hpp"
#include "busrt/broker_reasons.hpp"

namespace busrt::broker {

/// Causes besides the reasons for which connections end and are refused.
enum class LineCause : std::uint8_t {
  denial,      ///< an operation that access rules refuse
  revocation,  ///< subscriptions that new access rules take away
  pattern_limit,
  fifo_line,  ///< a line that says nothing that can be sent
  eviction,   ///< connections closed for the memory budget
  accept,     ///< the system has no room for another connection
  fault,      ///< what threw while a peer was served
};
inline constexpr std::size_t line_causes = static_cast<std::size_t>(LineCause::fault) + 1;

/// Thread-safe. Names come from peers, so what could act on a terminal or forge a line of a log is escaped.
class PeerLog {
 public:
  explicit PeerLog(const base::LogSink& sink);

  /// A line of a cause. Lines of debug level are not limited.
  void write(LineCause cause, base::LogLevel level, std::string_view line);
  /// The same for a line that costs work: `make_line` is called only where the line is written.
  template <std::invocable MakeLine>
  void write(LineCause cause, base::LogLevel level, MakeLine make_line) {
    causes_[static_cast<std::size_t>(cause)]->write(level,
                                                    [&make_line] { return base::printable(make_line()); });
  }
  /// A connection has ended, or was refused.
  void write(CloseReason reason, base::LogLevel level, std::string_view line);
  void write(RefusalReason reason, base::LogLevel level, std::string_view line);
  /// For rooms that know nothing of causes. The broker outlives its use.
  [[nodiscard]] base::LogSink sink(LineCause cause);

  /// Tells the counts of windows that have ended.
  void tick(std::chrono::steady_clock::time_point now);

 private:
  template <std::size_t size>
  using Logs = std::array<std::unique_ptr<base::ThrottledLog>, size>;

  Logs<line_causes> causes_;
  Logs<close_reasons> ends_;
  Logs<refusal_reasons> refusals_;
};

}  // namespace busrt::broker
