// Every limit of a collector in one place: its unit, and why it has this value. All are defaults unless said
// otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace collector_core::limits {

using namespace std::chrono_literals;

/// Events between a source and the bus, those that wait for their confirmation included: six seconds of a
/// storm of 10,000 events/s, which is about what a restart of the agent takes.
inline constexpr std::size_t queue_frames = 65536;

/// The same in bytes, bookkeeping included: what a collector may cost in memory when its bus is away.
inline constexpr std::size_t queue_bytes = 32U << 20;

/// Once the queue was full, it takes events again at 7/8 of its limits: otherwise, under lasting overload,
/// every other record would be a loss record.
inline constexpr std::size_t resume_numerator = 7;
inline constexpr std::size_t resume_denominator = 8;

/// Publications without their confirmation yet. Enough to hide a round trip of 50 ms at 20,000 events/s.
inline constexpr std::size_t in_flight = 1024;

/// Largest encoded event in bytes. A larger one is shed: receivers keep events in memory and in a database.
inline constexpr std::size_t event_bytes = 1U << 20;

/// Longest name, domain or kind in bytes: each is a segment of a topic. Fixed.
inline constexpr std::size_t word_bytes = 64;

/// Different causes in a run of loss records that wait to be published; further ones are counted under
/// `other`. Keeps a source that makes up causes from growing the queue past its limits. Fixed.
inline constexpr std::size_t loss_causes = 32;

/// Messages and bytes that wait for the handler of one subscription of an EventBus.
inline constexpr std::size_t subscription_frames = 8192;
inline constexpr std::size_t subscription_bytes = 32U << 20;

/// Between two heartbeats; the agent calls a collector lost after three.
inline constexpr std::chrono::milliseconds heartbeat = 5s;
/// What update_config takes for it: a faster heartbeat only costs, a slower one hides a dead collector.
/// Fixed.
inline constexpr std::chrono::milliseconds heartbeat_least = 10ms;
inline constexpr std::chrono::milliseconds heartbeat_most = 1min;

/// Between two attempts to reach the bus: the first, and the most after doubling. A connection that holds for
/// twice the most begins anew with the first.
inline constexpr std::chrono::milliseconds reconnect_first = 100ms;
inline constexpr std::chrono::milliseconds reconnect_most = 5s;

/// Without its bus for so long a collector ends itself: an agent that lives would have come back, and one
/// that does not must leave no privileged process behind.
inline constexpr std::chrono::milliseconds bus_absence = 60s;

/// How long a stopping collector has to publish what is queued, say its last words and disconnect. The agent
/// derives its grace period from it.
inline constexpr std::chrono::milliseconds drain = 4s;

}  // namespace collector_core::limits
