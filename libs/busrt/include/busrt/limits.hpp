// Every limit of the bus in one place: its unit, and why it has this value. All are defaults unless said
// otherwise.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace busrt::limits {

using namespace std::chrono_literals;

/// Longest client name in bytes. The wire allows 65,535; every frame carries its sender's name, so a long one
/// would tax every receiver. Fixed.
inline constexpr std::size_t max_name_bytes = 256;

/// Longest topic or pattern in bytes, and most segments in one: both bound the work that one publish can
/// cause. Fixed.
inline constexpr std::size_t max_topic_bytes = 4096;
inline constexpr std::size_t max_topic_segments = 128;

/// Patterns that one client may hold, subscriptions and exclusions together: far more than programs use, few
/// enough that a client cannot fill the table for everybody. BUS/RT itself has no limit.
inline constexpr std::size_t client_patterns = 100'000;

/// Work is counted in steps: a node that a lookup visits, a receiver that it finds, a queue that takes a
/// frame; 15 to 70 ns each, by where the processor finds it. These are the steps of one session before the
/// other sessions of its shard get their turn: half a millisecond to two.
inline constexpr std::size_t turn_steps = 32'768;

/// What other work counts as, in steps: a lookup besides its nodes, and a pattern that is subscribed to,
/// excluded or taken back, besides its length. Copied bytes count one step for `copied_bytes_per_step`, the
/// bytes of a pattern, which stand for its nodes, one for `pattern_bytes_per_step`.
inline constexpr std::size_t lookup_steps = 16;
inline constexpr std::size_t pattern_steps = 32;
inline constexpr std::size_t copied_bytes_per_step = 1024;
inline constexpr std::size_t pattern_bytes_per_step = 2;

/// Most patterns of one frame that are handled in a turn; long ones are fewer.
inline constexpr std::size_t patterns_per_turn = turn_steps / pattern_steps;

/// Nodes and patterns that clients left behind and that are taken out of the table in one turn: half a
/// millisecond of work.
inline constexpr std::size_t sweep_steps = 8192;

/// Wildcards make a lookup branch. It visits at most one node for each *shape* of a pattern's front, that is,
/// for each arrangement of words and wildcards, so these bound what a publish costs (routing/shape_tree.hpp).
/// Of up to `free_shape_segments` segments there are 1,532 shapes, which are not limited. Of longer ones,
/// each front by itself, a client may use `client_shapes`: one or two wildcards anywhere in sixteen segments
/// are 703. All clients together may use `all_shapes`: half a millisecond for a publish that meets them all.
/// Fixed.
inline constexpr std::size_t free_shape_segments = 8;
inline constexpr std::size_t client_shapes = 1024;
inline constexpr std::size_t all_shapes = 8192;

/// Segments by which client names are indexed for broadcast masks; what follows is compared as one. Real
/// names have fewer, and a tree of deeper ones would cost more than to compare them all. Fixed.
inline constexpr std::size_t indexed_name_segments = 8;

/// What a pattern costs besides its text, in bytes: nodes and index entries, measured over a million
/// patterns; and what each of its segments but the first may cost besides, where it has wildcards and shares
/// no node with others.
inline constexpr std::size_t pattern_overhead_bytes = 160;
inline constexpr std::size_t pattern_segment_bytes = 72;

/// Memory that peers may make one broker hold, in bytes: queues, frames that are being gathered, patterns,
/// connections. When it is passed, the client that holds most is disconnected.
inline constexpr std::uint64_t broker_memory_bytes = 1ULL << 30;

/// The same for one client. Room for a full queue, a largest frame being gathered, and all patterns.
inline constexpr std::uint64_t client_memory_bytes = 256U << 20;

/// A client that holds less than this besides, in bytes, is not disconnected for the broker's budget.
inline constexpr std::uint64_t relief_bytes = 4096;

/// What a connection costs by being there, in bytes: its session, stream, and the kernel's part.
inline constexpr std::size_t connection_bytes = 4096;

/// What TLS costs a connection besides, in bytes: once it has registered, and from accept on. Resident memory
/// by connection with OpenSSL 3.0: 25 KiB established and idle, 46 KiB with most of a record; in a handshake
/// 10 KiB before the first byte, 43 KiB with 12 KiB of a ClientHello, and 155 KiB if that claims to have the
/// 128 KiB which OpenSSL allows it, since it takes them on the claim.
inline constexpr std::size_t tls_connection_bytes = 48U << 10;
inline constexpr std::size_t tls_handshake_memory_bytes = 176U << 10;

/// What a WebSocket costs besides, in bytes: the gateway's state (15 KiB resident), the request or the buffer
/// for reading; and with TLS, the buffers that its library takes for it (66 KiB). What is on its way in the
/// pipes is charged as it is held.
inline constexpr std::size_t websocket_connection_bytes = 40U << 10;
inline constexpr std::size_t websocket_tls_bytes = 72U << 10;

/// Connections of one broker, in-process ones not counted: below what a process may usually open.
inline constexpr std::size_t connections = 16'384;

/// What a shard remembers of routes: their names and receivers, in bytes. A peer that invents targets makes
/// it forget, not grow.
inline constexpr std::size_t route_cache_bytes = 16U << 20;

/// Largest body of a request in bytes. BUS/RT itself has no limit; memory has. A delivered frame carries its
/// sender's name as well: wire::largest_delivery_body().
inline constexpr std::uint32_t max_body_bytes = 64U << 20;

/// Most that a broker's limit for it may be set to, in bytes. Every frame that such a broker delivers is one
/// that a client takes by default. Fixed.
inline constexpr std::uint32_t most_body_bytes = 1U << 30;

/// Bytes read from one connection per wake. Large enough to amortise the system call, small enough to stay in
/// L2 cache.
inline constexpr std::size_t read_chunk_bytes = 256U << 10;

/// A body of this many bytes or more that goes to several receivers is shared among them instead of copied to
/// each.
inline constexpr std::size_t share_body_bytes = 4096;

/// A receiver's outbound queue: frames (the real broker's default) and bytes.
inline constexpr std::size_t queue_frames = 8192;
inline constexpr std::size_t queue_bytes = 32U << 20;

/// Time for each step of the handshake; a client silent for 10/8 of it is dropped; pings go every half of it.
inline constexpr std::chrono::milliseconds timeout = 5s;

/// How long a full receiver may hold its publishers and take nothing before it is closed as a slow consumer.
inline constexpr std::chrono::milliseconds stall_limit = 10s;

/// Least bytes per second that a full receiver takes, on average over each stall limit: two megabits, so that
/// one which reads a byte now and then cannot hold its publishers for ever. Fixed.
inline constexpr std::uint64_t least_receive_rate = 256U << 10;

/// How long a receiver that reads at the least rate takes for this many bytes: what a frame's size adds to
/// the time in which a broker answers.
[[nodiscard]] constexpr std::chrono::milliseconds receive_time(std::uint64_t bytes) noexcept {
  return std::chrono::milliseconds(bytes * 1000 / least_receive_rate);
}

/// A client's bounded event queue (frames and bytes waiting for the application) and its outgoing buffer in
/// bytes.
inline constexpr std::size_t client_queue_frames = 65536;
inline constexpr std::size_t client_queue_bytes = 64U << 20;
inline constexpr std::size_t client_outgoing_bytes = 4U << 20;

/// A client's window: frames sent or to be sent again that the broker has not acknowledged. The frames are
/// the broker's own queue length, so that a window's acks fit in it; the bytes bound what is kept for a
/// reconnect.
inline constexpr std::size_t client_window_frames = queue_frames;
inline constexpr std::size_t client_window_bytes = 16U << 20;

/// Operations of one client that wait for room at once, and their bytes. Each is somebody's pending call;
/// more than this is a caller that does not wait for any.
inline constexpr std::size_t client_waiting_operations = 65536;
inline constexpr std::size_t client_waiting_bytes = 64U << 20;

/// Time for an acknowledged operation in all: room, reconnects, sending again. A broker acknowledges late
/// while it holds the publisher for a slow receiver. The time therefore follows from the broker's own: it
/// covers two slow receivers one after the other, and twice the time in which a broker counts as silent.
/// receive_time() of the frame is added, so that the deadline of a large one is not shorter than what its
/// receivers are allowed.
[[nodiscard]] constexpr std::chrono::milliseconds delivery_timeout_for(
    std::chrono::milliseconds broker_stall_limit, std::chrono::milliseconds broker_timeout) noexcept {
  return 2 * (broker_stall_limit + broker_timeout);
}
inline constexpr std::chrono::milliseconds delivery_timeout = delivery_timeout_for(stall_limit, timeout);
static_assert(delivery_timeout > stall_limit + timeout, "an ack outlasts a held publisher");

/// Connections that may end while a frame on them is unacknowledged before it is sent alone. The third such
/// end is the broker's answer to this one frame.
inline constexpr unsigned cuts_before_alone = 2;

/// Host names that a process looks up at once, and those that wait for their turn. Each lookup is a thread,
/// and one whose name server does not answer ends by the resolver's own timeout alone, often half a minute.
inline constexpr std::size_t name_lookups = 16;
inline constexpr std::size_t name_lookups_waiting = 1024;

/// Delay before the first attempt to reconnect, doubled for each that fails, up to the most. The first is
/// short, because most losses are restarts; the most keeps a thousand waiting clients below 40 attempts a
/// second.
inline constexpr std::chrono::milliseconds reconnect_first = 100ms;
inline constexpr std::chrono::milliseconds reconnect_most = 30s;

/// How long a client that disconnects waits for what it has accepted to leave and be acknowledged.
inline constexpr std::chrono::milliseconds drain_timeout = 5s;

/// Bytes in flight per direction of an in-process connection.
inline constexpr std::size_t inproc_buffer_bytes = 1U << 20;

/// Longest line of a fifo in bytes, and params in one: a shell's command line is no longer.
inline constexpr std::size_t fifo_line_bytes = 32U << 10;
inline constexpr std::size_t fifo_params = 256;

/// The metrics listener: bytes of one request, and connections at a time; one more takes the place of the one
/// that has been idle longest.
inline constexpr std::uint32_t metrics_request_bytes = 8192;
inline constexpr std::size_t metrics_connections = 16;

/// Longest file of access rules in bytes, which is read whole, and most entries in one, which are walked at
/// each registration. Fixed.
inline constexpr std::size_t access_file_bytes = 1U << 20;
inline constexpr std::size_t access_entries = 4096;

/// Bytes for one client's remembered decisions of each operation, charged to it: a client that invents
/// targets costs itself time.
inline constexpr std::size_t access_cache_bytes = 128U << 10;

/// Bytes that a peer may send within a TLS handshake: a chain of several large certificates fits many times.
inline constexpr std::size_t tls_handshake_bytes = 128U << 10;

/// Longest PEM file of certificates, of a key or of revocation lists in bytes, each of which is read whole:
/// the lists of a large public authority have some millions. Fixed.
inline constexpr std::size_t tls_file_bytes = 16U << 20;

/// Bytes of the HTTP request that asks for a WebSocket, and of its answer: browsers send a few hundred,
/// cookies included up to some thousands.
inline constexpr std::size_t websocket_handshake_bytes = 16U << 10;

/// Bytes read from, and bytes copied for, one WebSocket at a time; every such connection holds them.
inline constexpr std::size_t websocket_read_bytes = 32U << 10;
inline constexpr std::size_t websocket_write_bytes = 64U << 10;

/// Bytes in flight between a WebSocket and its session, per direction: what a socket's buffer would hold.
inline constexpr std::size_t websocket_pipe_bytes = 64U << 10;

/// How long a WebSocket may take to send what is left, and to say goodbye, before it is cut.
inline constexpr std::chrono::milliseconds websocket_goodbye = 1s;

/// Lines of the log for one cause that a peer can bring about as often as it likes, and the time for which
/// that many are written: enough to see what happens, too few to fill a disk (a line a second, about 10 MB a
/// day).
inline constexpr std::uint64_t log_lines = 10;
inline constexpr std::chrono::milliseconds log_window = 10s;

/// Longest bearer token in bytes: it has to fit in a request beside its other fields. Fixed.
inline constexpr std::size_t max_token_bytes = 4096;

/// Nesting of a MessagePack value that we decode; deeper input is refused rather than recursed into.
inline constexpr std::size_t max_msgpack_depth = 64;

}  // namespace busrt::limits
