// The runtime: hosts sources, numbers what they see, publishes it, and answers for them on the bus.
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
#include "collector_core/event_source.hpp"
#include "collector_core/limits.hpp"

namespace collector_core {

struct RuntimeConfig {
  std::string name;     ///< the collector's name on the bus; a topic word (event.hpp)
  std::string address;  ///< of the bus; ignored when `endpoint` is set
  busrt::LocalEndpoint endpoint{};
  std::string version{};  ///< of the collector, for health and capabilities; empty means the project's
  std::size_t queue_frames = limits::queue_frames;
  std::size_t queue_bytes = limits::queue_bytes;
  std::size_t in_flight = limits::in_flight;
  /// A record that the bus has not confirmed for so long is published again.
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
  requested,  ///< request_stop() or the RPC `shutdown`
  bus_gone,   ///< no bus for RuntimeConfig::bus_absence
};

/// One run of a collector: an epoch. All members but request_stop() are called on the executor, which runs
/// one handler at a time (an io_context with one thread, or a strand); sources may emit from any thread.
///
/// On the bus, with NAME for the collector's name:
/// - `events.<domain>.<kind>`: the events (event.hpp), QoS processed, in order, at least once: what was not
///   confirmed when the connection ended, or for RuntimeConfig::delivery_timeout, is published again with the
///   same numbers.
/// - `health.NAME`: the result of health_check, every heartbeat and at each change of state.
/// - RPC. Params are a JSON object or a MessagePack map, and the result comes back as the one or the other;
///   no params at all mean `{}`. Bad ones get -32602 with a message that begins with the field.
///   - health_check {}: what health() gives.
///   - get_capabilities {}: {collector, version, event_version, capabilities, domains, methods,
///     sources: [{name, domain, capabilities}]}.
///   - start_collection, stop_collection {source?}: {state}. All sources, or the one named.
///   - update_config {source?, heartbeat_ms?, ...}: {state, heartbeat_ms}. What is left are the settings of
///     the source, all or none; a collector with several sources needs `source` for them.
///   - shutdown {}: {stopping: true}, and then the collector ends as by request_stop().
///
/// The queue between sources and bus is bounded. An event that finds it full is shed, and a loss record of
/// cause `collector_queue_full` takes its place; consecutive shed events share one record, whose count says
/// how many they are. Loss records are taken even by a full queue, so that there is always room to say that
/// something is missing; they exceed its limits by at most limits::loss_causes + RuntimeConfig::in_flight
/// records.
class Runtime {
 public:
  /// Takes the sources; at least one, with different names.
  Runtime(boost::asio::any_io_executor executor, RuntimeConfig config,
          std::vector<std::unique_ptr<EventSource>> sources);
  /// run() must have completed, or never have begun.
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// Starts the sources, connects, and carries events until a stop is requested; then stops the sources,
  /// publishes what is queued, publishes a health record with `"last": true` and disconnects. A source that
  /// cannot start makes the collector `degraded` and is named in its health; start_collection tries again.
  /// Errors: busrt::errc::data for a configuration that cannot work. Once only.
  boost::asio::awaitable<busrt::base::Result<RunEnd>> run();

  /// Thread-safe; idempotent. `reason` is for the log.
  void request_stop(std::string reason);

  /// What health_check answers:
  /// {collector, version, epoch, state: "starting|running|stopped|degraded", uptime_s,
  ///  seq (the last one given), published, confirmed, queued, refused, lost: {cause: count | "unknown"},
  ///  connected, degraded? (why the runtime itself is), sources: [{name, domain, state, error?, ...its own}]}
  /// The last health record of a run holds `"last": true` besides: no number above its `seq` was given.
  /// A source whose health holds a string `degraded` makes the collector degraded.
  [[nodiscard]] boost::json::object health() const;
  [[nodiscard]] std::uint64_t epoch() const noexcept;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace collector_core
