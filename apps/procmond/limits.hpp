// Every limit of procmond in one place: its unit, and why it has this value.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace procmond::limits {

using namespace std::chrono_literals;

/// Receive buffer of the connector's socket in bytes. The kernel charges about 800 bytes for a message, so
/// this holds some 40,000: several seconds of a fork storm. Only what waits costs memory. Setting
/// receive_buffer_bytes.
inline constexpr std::size_t receive_buffer_bytes = 32U << 20;
/// Range of that setting: the least that a kernel accepts, and more than any host needs.
inline constexpr std::size_t receive_buffer_least = 4096;
inline constexpr std::size_t receive_buffer_most = 512U << 20;

/// Messages taken from the socket by one system call. Each is 76 bytes; more saves nothing measurable.
inline constexpr std::size_t messages_per_read = 64;
/// Bytes kept for one message. The kernel's are 76; a larger one is cut and counted as malformed.
inline constexpr std::size_t message_bytes = 512;

/// Kernel events that wait in procmond's own queue, about 80 bytes each. When it is full the socket's buffer
/// fills, and past that the kernel counts what it drops.
inline constexpr std::size_t queued_events = 131072;
/// Kernel events handled between two looks at the socket, so that reading /proc never leaves it alone for
/// long.
inline constexpr std::size_t events_per_turn = 16;

/// Bytes and number of arguments that an event carries after masking; the rest is cut, and the event says so.
inline constexpr std::size_t args_bytes = 8U << 10;
inline constexpr std::size_t args_count = 256;
/// Between two scans of /proc where the connector is not used. Setting scan_interval_ms.
inline constexpr std::chrono::milliseconds scan_interval = 1s;
inline constexpr std::chrono::milliseconds scan_interval_least = 50ms;
inline constexpr std::chrono::milliseconds scan_interval_most = 1h;

/// Least time between two rescans after the kernel dropped events. Under lasting overflow a rescan takes the
/// time that reading would need, so losses of this span share one record and one rescan.
inline constexpr std::chrono::milliseconds rescan_gap = 1s;
/// A rescan waits until the queue is empty, because events tell more than a rescan can; at most for so long.
inline constexpr std::chrono::milliseconds rescan_patience = 5s;
/// How often a process whose first thread has ended is looked at, until its last thread ends.
inline constexpr std::chrono::milliseconds linger_check = 1s;

/// How long the kernel may take to confirm that it will report. It answers at once or never (in a PID
/// namespace of its own).
inline constexpr std::chrono::milliseconds connector_answer = 1s;

/// How long stopping may take to handle what the kernel had reported before; what is left then is a loss.
inline constexpr std::chrono::milliseconds stop_backlog = 2s;

}  // namespace procmond::limits
