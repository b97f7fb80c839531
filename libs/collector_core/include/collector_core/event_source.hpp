// The seam between what sees the host and what carries events: a source emits, the runtime numbers and
// publishes.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/result.hpp"

namespace collector_core {

/// One observation. The runtime adds the envelope (collector, epoch, seq, domain).
struct Observation {
  std::string kind;  ///< last segment of the topic: "new", "exec", "exit", "change", "snapshot"
  std::chrono::system_clock::time_point time;  ///< when it happened, as near as the source can tell
  boost::json::object data;
  std::optional<std::string> correlation_id{};
};

/// What a source knows that it did not see.
struct Loss {
  std::optional<std::uint64_t> count;  ///< events; empty when nobody can tell how many
  std::string cause;   ///< a stable word: "kernel_buffer_overflow", "collector_queue_full", ...
  std::string detail;  ///< a sentence for people
};

/// Where a source puts what it sees. Thread-safe, never blocks: an observation that finds the runtime's
/// bounded queue full takes its place in the sequence as a loss record.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void emit(Observation observation) = 0;
  virtual void report_loss(Loss loss) = 0;
};

/// Something that watches one domain of the host. The runtime calls every member on one executor and never
/// concurrently; a source that needs threads keeps them to itself.
class EventSource {
 public:
  virtual ~EventSource() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;  ///< "procmond"
  [[nodiscard]] virtual std::string_view domain()
      const = 0;  ///< "process", "network", "filesystem", "performance"
  /// Words that tasks are routed by, e.g. "process.events", "process.snapshot".
  [[nodiscard]] virtual std::vector<std::string> capabilities() const = 0;

  /// Begins emitting into `sink`, which outlives the source's stop(). Starting a started source is not an
  /// error.
  virtual boost::asio::awaitable<busrt::base::Result<>> start(EventSink& sink) = 0;
  /// Stops emitting; when it completes nothing more comes. Stopping a stopped source is not an error.
  virtual boost::asio::awaitable<void> stop() = 0;

  /// How it works now: at least `{"method": "...", "cannot_see": ["..."]}`; numbers of events and losses.
  /// A string `degraded` says why it sees less than it should, and makes the collector degraded.
  [[nodiscard]] virtual boost::json::object health() const = 0;
  /// Applies settings, all or none. An error names the field.
  virtual busrt::base::Result<> configure(const boost::json::object& settings) = 0;
};

}  // namespace collector_core
