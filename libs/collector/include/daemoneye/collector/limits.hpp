// Every limit of a collector, each with its unit and the reason for its value. A limit marked "Fixed" cannot
// be changed; all others are defaults of a setting.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace daemoneye::collector::limits {

using namespace std::chrono_literals;

/// Bound of a collector's outbox in records, unacknowledged ones included. It holds six seconds at 10,000
/// events a second: about the time that a restart of the agent takes.
inline constexpr std::size_t queue_frames = 65536;

/// Bound of the outbox in bytes, bookkeeping included. It limits the memory of a collector that has no bus.
inline constexpr std::size_t queue_bytes = 32U << 20;

/// The fill level at which an outbox that was full takes events again: 7/8 of its limits. Without this
/// distance, every other record would be a loss record under lasting overload.
inline constexpr std::size_t resume_numerator = 7;
inline constexpr std::size_t resume_denominator = 8;

/// Most unacknowledged publications. 1,024 hide a round trip of 50 ms at 20,000 events a second.
inline constexpr std::size_t in_flight = 1024;

/// Largest encoded event in bytes. The runtime sheds a larger one, because receivers keep events in memory
/// and in a database.
inline constexpr std::size_t event_bytes = 1U << 20;

/// Most different causes among the loss records that wait to be published. Further causes are counted under
/// `other`. A source that invents causes therefore cannot grow the outbox beyond its limits. Fixed.
inline constexpr std::size_t loss_causes = 32;

/// Most operations (tasks) that run at once. Each may hold a result of task_parts parts. Fixed.
inline constexpr std::size_t running_tasks = 16;

/// Most parts of the result of an operation: every process of a large host, and far from the largest frame.
/// Fixed.
inline constexpr std::size_t task_parts = 65536;

/// Longest id of a task in bytes. Fixed.
inline constexpr std::size_t task_id_bytes = 128;

/// Range of the interval of a SamplingSource: an event every 10 ms is what a reader can use, and a collector
/// that looks less than hourly misses most of what it is for. Fixed.
inline constexpr std::chrono::milliseconds sampling_least = 10ms;
inline constexpr std::chrono::milliseconds sampling_most = 1h;

/// Time between two heartbeats. The agent counts a collector as lost after three missing ones.
inline constexpr std::chrono::milliseconds heartbeat = 5s;
/// Range of the heartbeat that update_config accepts. A shorter one only costs; a longer one hides a dead
/// collector. Fixed.
inline constexpr std::chrono::milliseconds heartbeat_least = 10ms;
inline constexpr std::chrono::milliseconds heartbeat_most = 1min;

/// Most of the delay before the first attempt to reconnect, and the value up to which it doubles. If a
/// connection holds for busrt::limits::timeout, the delay starts again with the first value. The client draws
/// each delay at random (busrt::ReconnectPolicy); a refusal, which the client does not repeat, is tried again
/// after the whole delay.
inline constexpr std::chrono::milliseconds reconnect_first = 100ms;
inline constexpr std::chrono::milliseconds reconnect_most = 5s;

/// Time without a bus after which a collector ends itself. A running agent would have returned by then. If
/// the agent is gone, no privileged process must stay behind.
inline constexpr std::chrono::milliseconds bus_absence = 60s;

/// Time in which a stopping collector publishes its outbox and its last health record, and disconnects. The
/// agent derives its grace period from it.
inline constexpr std::chrono::milliseconds drain = 4s;

}  // namespace daemoneye::collector::limits
