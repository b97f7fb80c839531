#include "broker/peer_log.hpp"

#include "broker/enum_count.hpp"
#include "busrt/limits.hpp"

namespace busrt::broker {

namespace {

constexpr base::LogLimit limit{.lines = limits::log_lines, .window = limits::log_window};

constexpr std::string_view words_for(LineCause cause) noexcept {
  switch (cause) {
    case LineCause::denial:
      return "operations that access rules refuse";
    case LineCause::revocation:
      return "clients that lost subscriptions to new access rules";
    case LineCause::pattern_limit:
      return "clients at the limit of topic patterns";
    case LineCause::fifo_line:
      return "lines of fifos that say nothing that can be sent";
    case LineCause::eviction:
      return "connections closed for memory";
    case LineCause::accept:
      return "connections that cannot be accepted";
    case LineCause::fault:
      return "faults";
  }
  return {};
}
static_assert(counts_all<LineCause, line_causes>([](LineCause cause) { return words_for(cause); }));

template <class Logs, class Words>
void fill(Logs& logs, const base::LogSink& sink, Words words) {
  for (std::size_t i = 0; i < logs.size(); ++i) {
    logs[i] = std::make_unique<base::ThrottledLog>(sink, words(i), limit);
  }
}

}  // namespace

PeerLog::PeerLog(const base::LogSink& sink) {
  fill(causes_, sink, [](std::size_t i) { return std::string(words_for(static_cast<LineCause>(i))); });
  fill(ends_, sink, [](std::size_t i) {
    return "connections that ended, " + std::string(to_string(static_cast<CloseReason>(i)));
  });
  fill(refusals_, sink, [](std::size_t i) {
    return "connections refused, " + std::string(to_string(static_cast<RefusalReason>(i)));
  });
}

void PeerLog::write(LineCause cause, base::LogLevel level, std::string_view line) {
  causes_[static_cast<std::size_t>(cause)]->write(level, [line] { return base::printable(line); });
}

void PeerLog::write(CloseReason reason, base::LogLevel level, std::string_view line) {
  ends_[static_cast<std::size_t>(reason)]->write(level, [line] { return base::printable(line); });
}

void PeerLog::write(RefusalReason reason, base::LogLevel level, std::string_view line) {
  refusals_[static_cast<std::size_t>(reason)]->write(level, [line] { return base::printable(line); });
}

base::LogSink PeerLog::sink(LineCause cause) {
  return [this, cause](base::LogLevel level, std::string_view line) { write(cause, level, line); };
}

void PeerLog::tick(std::chrono::steady_clock::time_point now) {
  for (const auto& each : causes_) each->tick(now);
  for (const auto& each : ends_) each->tick(now);
  for (const auto& each : refusals_) each->tick(now);
}

}  // namespace busrt::broker
