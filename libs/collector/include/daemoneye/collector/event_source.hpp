// The interface between sources and the runtime. A source observes the host and emits observations. The
// runtime numbers and publishes them.
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
#include "daemoneye/collector/operation.hpp"
#include "daemoneye/collector/privilege.hpp"
#include "daemoneye/events/event.hpp"

namespace daemoneye::collector {

/// One observation. The runtime adds the envelope: collector, epoch, sequence number and domain.
struct Observation {
  std::string kind;  ///< last segment of the topic: "new", "exec", "exit", "change", "snapshot"
  std::chrono::system_clock::time_point time;  ///< when it happened, as precisely as the source knows
  boost::json::object data{};
  std::optional<std::string> correlation_id{};
  /// The data as the text of one JSON object in UTF-8, such as events::ObjectWriter writes. It costs a
  /// fraction of a tree of values. If it is not empty, `data` is not used.
  std::string text{};
};

/// The runtime's side of the interface. Its members never block. If the outbox is full, the observation is
/// shed and counted by a loss record. Thread safety: any thread.
class EventSink {
 public:
  virtual ~EventSink() = default;
  /// Queues an observation.
  virtual void emit(Observation observation) = 0;
  /// Queues a loss record, also if the outbox is full.
  virtual void report_loss(events::Loss loss) = 0;
};

/// A source: it watches one domain of the host. Thread safety: the runtime calls all members on one executor,
/// one at a time. A source that needs threads owns them.
class EventSource {
 public:
  virtual ~EventSource() = default;

  /// Returns the source's name, for example "procmond".
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// Returns "process", "network", "filesystem" or "performance": a domain of the schema (events/schema.hpp).
  /// The runtime refuses a source of any other.
  [[nodiscard]] virtual std::string_view domain() const = 0;
  /// Returns the words by which tasks are routed, for example "process.events" and "process.snapshot".
  [[nodiscard]] virtual std::vector<std::string> capabilities() const = 0;
  /// Returns the privileges without which the source sees less. The runtime's health and get_capabilities say
  /// which of them the program holds. Default: none.
  [[nodiscard]] virtual std::vector<Privilege> privileges() const { return {}; }
  /// Returns what the source does when it is asked to, beside collecting. Names begin with the domain, and
  /// are unique within a collector. Default: nothing.
  [[nodiscard]] virtual std::vector<Operation> operations() { return {}; }

  /// Starts emitting into `sink`. The sink outlives stop(). Starting a started source is no error.
  virtual boost::asio::awaitable<busrt::base::Result<>> start(EventSink& sink) = 0;
  /// Stops emitting. After completion the source emits nothing. Stopping a stopped source is no error.
  virtual boost::asio::awaitable<void> stop() = 0;

  /// Returns the source's health: at least `{"method": "...", "cannot_see": ["..."]}`, and counters of events
  /// and losses. A string `degraded` says why the source sees less than it should; the collector is then
  /// degraded too.
  [[nodiscard]] virtual boost::json::object health() const = 0;
  /// Applies all settings, or none of them. Errors name the field.
  virtual busrt::base::Result<> configure(const boost::json::object& settings) = 0;
};

}  // namespace daemoneye::collector
