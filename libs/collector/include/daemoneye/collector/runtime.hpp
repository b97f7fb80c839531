// The runtime of a collector. It runs the sources, numbers their observations, publishes them, and answers
// RPC calls on the bus.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/log.hpp"
#include "busrt/base/result.hpp"
#include "busrt/limits.hpp"
#include "busrt/local_endpoint.hpp"
#include "daemoneye/collector/event_source.hpp"
#include "daemoneye/collector/limits.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye::collector {

/// Settings of a runtime. They are fixed for its life.
struct RuntimeConfig {
  std::string name;     ///< the collector's name on the bus; a topic word (event.hpp)
  std::string address;  ///< address of the bus; ignored if `endpoint` is set
  busrt::LocalEndpoint endpoint{};
  /// The collector's version, for health and capabilities; empty: the project's version.
  std::string version{};
  /// The client name of the agent. Only it can say what is committed.
  std::string agent{events::agent_client_name};
  std::size_t queue_frames = limits::queue_frames;
  std::size_t queue_bytes = limits::queue_bytes;
  std::size_t in_flight = limits::in_flight;
  /// Time after which the runtime publishes an unacknowledged record again.
  std::chrono::milliseconds delivery_timeout = busrt::limits::delivery_timeout;
  std::chrono::milliseconds heartbeat = limits::heartbeat;
  std::chrono::milliseconds reconnect_first = limits::reconnect_first;
  std::chrono::milliseconds reconnect_most = limits::reconnect_most;
  std::chrono::milliseconds bus_absence = limits::bus_absence;
  std::chrono::milliseconds drain = limits::drain;
  busrt::base::LogSink log{};
};

/// Why run() ended.
enum class RunEnd : std::uint8_t {
  requested,  ///< request_stop() or the RPC `shutdown` ended it
  bus_gone,   ///< there was no bus for RuntimeConfig::bus_absence
};

/// One run of a collector, which is one epoch.
///
/// Thread safety: request_stop() may be called from any thread. All other members are called on the executor,
/// which must run one handler at a time: an io_context with one thread, or a strand. Sources may emit from
/// any thread.
///
/// What the runtime does on the bus, with NAME for the collector's name:
/// - `events.<domain>.<kind>`: it publishes the events (event.hpp) with QoS processed, in order, at least
///   once. A record that was unacknowledged when the connection ended, or for
///   RuntimeConfig::delivery_timeout, is published again with the same sequence number.
/// - `health.NAME`: it publishes the result of health_check, at every heartbeat and at each change of state.
/// - `control.collector.committed` {epoch, seq, credit?} (events/committed.hpp), from RuntimeConfig::agent:
/// the
///   store has the records of this epoch up to `seq`. Until the first such message a record leaves the outbox
///   when the bus has taken it; from then on when it is committed. After a lost connection the runtime
///   publishes all records again that are not committed.
/// - RPC: params are a JSON object or a MessagePack map, and the result has the same format. No params mean
///   `{}`. For invalid params it answers -32602 with a message that begins with the field.
///   - health_check {}: returns health().
///   - get_capabilities {}: returns {collector, version, event_version, capabilities, domains, methods,
///     operations: [{name, source, sentence, params: [{name, type, unit?, sentence, required}], results}],
///     sources: [{name, domain, kinds, capabilities, privileges: [{capability, purpose, held}]}]}. `kinds`
///     are those that the schema has for the domain.
///   - start_collection, stop_collection {source?}: returns {state}. It applies to all sources, or to the one
///     named.
///   - update_config {source?, heartbeat_ms?, ...}: returns {state, heartbeat_ms}. All other fields are
///     settings of the source; all of them apply, or none. If the collector has several sources, settings
///     need `source`.
///   - run_task {operation, params?, task_id?}: runs an operation of a source to its end and returns
///     {operation, task_id?, parts: [...]}. A param that is unknown, missing or of another type gets -32602.
///     The caller chooses the deadline of its call; the operation goes on after it, until cancel_task.
///   - cancel_task {task_id}: returns {cancelled: true}, or false if no task of this id runs. The call of a
///     cancelled task ends with an error.
///   - shutdown {}: returns {stopping: true}. The collector then ends as after request_stop().
///
/// The outbox between sources and bus is bounded. If it is full, the runtime sheds an event and puts a loss
/// record of cause `collector_queue_full` in its place. Consecutive shed events share one record, whose count
/// is their number. A full outbox still takes loss records, so that every loss can be recorded. They exceed
/// its limits by at most limits::loss_causes + RuntimeConfig::in_flight records.
class Runtime {
 public:
  /// Takes ownership of the sources: at least one, with different names, each of a domain of the schema.
  Runtime(boost::asio::any_io_executor executor, RuntimeConfig config,
          std::vector<std::unique_ptr<EventSource>> sources);
  /// Precondition: run() has completed, or was never called.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Runs the collector. It starts the sources, connects, and publishes events until a stop is requested. It
  /// then stops the sources, publishes the outbox and a health record with `"last": true`, and disconnects.
  /// If a source cannot start, the collector is `degraded` and its health names the source; start_collection
  /// tries again.
  ///
  /// Returns why it ended. Errors: busrt::errc::data for a configuration that cannot work. Call it once only.
  boost::asio::awaitable<busrt::base::Result<RunEnd>> run();

  /// Requests the end of run(). `reason` goes into the log. A second call changes nothing. Thread safety: any
  /// thread.
  void request_stop(std::string reason);

  /// Returns the result of health_check:
  /// {collector, version, epoch, state: "starting|running|stopped|degraded", uptime_s,
  ///  seq (the last one given), published, confirmed (how many the bus has taken), accepted (the bus has
  ///  taken all up to this one), committed (the store has all up to this one; 0 without commits), queued,
  ///  refused, lost: {cause: count | "unknown"}, connected, degraded? (why the runtime itself is), sources:
  ///  [{name, domain, state, error?, privileges?: {held, missing}, ...its own}]}
  ///
  /// The last health record of a run also has `"last": true`. The run then gave no sequence number above its
  /// `seq`. If the health of a source has a string `degraded`, the collector is degraded.
  [[nodiscard]] boost::json::object health() const;
  /// Returns the epoch: the start of this run in microseconds since the Unix epoch.
  [[nodiscard]] std::uint64_t epoch() const noexcept;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace daemoneye::collector
