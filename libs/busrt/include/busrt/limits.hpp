// Every limit of the bus, each with its unit and the reason for its value. A limit marked "Fixed" cannot be
// changed; all others are defaults of a setting.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace busrt::limits {

using namespace std::chrono_literals;

/// Longest client name in bytes. The wire allows 65,535. Every frame carries its sender's name, so a long
/// name costs every receiver. Fixed.
inline constexpr std::size_t max_name_bytes = 256;

/// Longest topic or pattern in bytes, and most segments of one. Both bound the work of one publish. Fixed.
inline constexpr std::size_t max_topic_bytes = 4096;
inline constexpr std::size_t max_topic_segments = 128;

/// Most patterns of one client, subscriptions and exclusions together. Programs use far fewer, and one client
/// cannot fill the table for all others. BUS/RT has no such limit.
inline constexpr std::size_t client_patterns = 100'000;

/// Steps that one session may use before the other sessions of its shard get their turn. A step is a node
/// that a lookup visits, a receiver that it finds, or a queue that takes a frame. One step takes 15 to 70 ns,
/// depending on the processor's caches, so a turn takes 0.5 to 2 ms.
inline constexpr std::size_t turn_steps = 32'768;

/// The cost of other work in steps. `lookup_steps`: a lookup, in addition to the nodes that it visits.
/// `pattern_steps`: adding or removing a pattern, in addition to its length. `copied_bytes_per_step`: copied
/// bytes that count as one step. `pattern_bytes_per_step`: bytes of a pattern that count as one step, because
/// they stand for its nodes.
inline constexpr std::size_t lookup_steps = 16;
inline constexpr std::size_t pattern_steps = 32;
inline constexpr std::size_t copied_bytes_per_step = 1024;
inline constexpr std::size_t pattern_bytes_per_step = 2;

/// Most patterns of one frame that a turn handles. Of long patterns it handles fewer.
inline constexpr std::size_t patterns_per_turn = turn_steps / pattern_steps;

/// Steps in one turn for removing the nodes and patterns of clients that left: 0.5 ms of work.
inline constexpr std::size_t sweep_steps = 8192;

/// Limits on the shapes of patterns. Wildcards make a lookup branch: it visits at most one node for each
/// shape of a pattern's front, that is, for each arrangement of words and wildcards. These limits therefore
/// bound the cost of a publish (routing/shape_tree.hpp).
///
/// `free_shape_segments`: fronts of up to this many segments are not limited; they have 1,532 shapes.
/// `client_shapes`: the shapes of longer fronts that one client may use; one or two wildcards anywhere in
/// sixteen segments make 703. `all_shapes`: the same for all clients together. A publish that visits all of
/// them takes 0.5 ms. Fixed.
inline constexpr std::size_t free_shape_segments = 8;
inline constexpr std::size_t client_shapes = 1024;
inline constexpr std::size_t all_shapes = 8192;

/// Segments of client names that the index for broadcast masks keeps apart. It compares the rest of a name as
/// one piece. Real names have fewer segments, and for deeper names a tree would cost more than comparing them
/// all. Fixed.
inline constexpr std::size_t indexed_name_segments = 8;

/// Memory of a pattern in addition to its text, in bytes. `pattern_overhead_bytes`: nodes and index entries,
/// measured over a million patterns. `pattern_segment_bytes`: the additional cost of each segment but the
/// first, if the pattern has wildcards and shares no node with others.
inline constexpr std::size_t pattern_overhead_bytes = 160;
inline constexpr std::size_t pattern_segment_bytes = 72;

/// Budget for the memory that clients make one broker hold, in bytes: queues, incomplete frames, patterns,
/// connections. If it is exceeded, the broker evicts connections.
inline constexpr std::uint64_t broker_memory_bytes = 1ULL << 30;

/// Budget of one client in bytes. It has room for a full queue, the largest incomplete frame, and all
/// patterns.
inline constexpr std::uint64_t client_memory_bytes = 256U << 20;

/// The broker does not evict a client that holds fewer bytes than this in addition to the fixed cost of its
/// connection.
inline constexpr std::uint64_t relief_bytes = 4096;

/// Memory of a connection in bytes: its session, its stream, and the kernel's part.
inline constexpr std::size_t connection_bytes = 4096;

/// Additional memory of a TLS connection in bytes: after registration, and from accept until then. Measured
/// as resident memory per connection with OpenSSL 3.0: 25 KiB established and idle, 46 KiB with most of a
/// record. In a handshake it is 10 KiB before the first byte, and 43 KiB with 12 KiB of a ClientHello. It is
/// 155 KiB if the ClientHello claims 128 KiB, the most that OpenSSL permits, because OpenSSL allocates by
/// that claim.
inline constexpr std::size_t tls_connection_bytes = 48U << 10;
inline constexpr std::size_t tls_handshake_memory_bytes = 176U << 10;

/// Additional memory of a WebSocket in bytes. `websocket_connection_bytes`: the gateway's state (15 KiB
/// resident) and a buffer for the request or for reading. `websocket_tls_bytes`: the buffers that the TLS
/// library allocates (66 KiB). Bytes in the pipes are charged while they are there.
inline constexpr std::size_t websocket_connection_bytes = 40U << 10;
inline constexpr std::size_t websocket_tls_bytes = 72U << 10;

/// Most connections of one broker, without in-process ones. It is below the usual limit on open files of a
/// process.
inline constexpr std::size_t connections = 16'384;

/// Memory of a shard's route cache in bytes: names and receivers. A client that invents targets makes the
/// shard forget routes; the cache does not grow.
inline constexpr std::size_t route_cache_bytes = 16U << 20;

/// Largest body of a request in bytes. BUS/RT has no such limit, but memory is bounded. A delivered frame
/// also carries its sender's name: wire::largest_delivery_body().
inline constexpr std::uint32_t max_body_bytes = 64U << 20;

/// Largest value in bytes to which BrokerConfig::max_body_bytes can be set. A client accepts every frame of
/// such a broker by default. Fixed.
inline constexpr std::uint32_t most_body_bytes = 1U << 30;

/// Bytes that a shard reads from one connection at a time. The value is large enough to amortise the system
/// call and small enough for the L2 cache.
inline constexpr std::size_t read_chunk_bytes = 256U << 10;

/// Body size in bytes from which several receivers share one copy. Smaller bodies are copied into each queue.
inline constexpr std::size_t share_body_bytes = 4096;

/// Bounds of a receiver's outbound queue: frames (the default of the reference broker) and bytes.
inline constexpr std::size_t queue_frames = 8192;
inline constexpr std::size_t queue_bytes = 32U << 20;

/// Timeout of broker and client. The broker allows this time for the whole handshake, the client for each
/// step of it. The broker closes a client that is silent for 10/8 of it. In every half of it the client sends
/// a ping, and the broker a nop.
inline constexpr std::chrono::milliseconds timeout = 5s;

/// The stall limit: how long a full receiver may block publishers without taking enough bytes. The broker
/// then closes it as a slow consumer.
inline constexpr std::chrono::milliseconds stall_limit = 10s;

/// Least rate in bytes per second at which a full receiver must take data, on average over each stall limit:
/// two megabits. Without it, a receiver that reads a byte now and then could block its publishers for ever.
/// Fixed.
inline constexpr std::uint64_t least_receive_rate = 256U << 10;

/// Returns the time that a receiver at the least rate needs for this many bytes. A larger frame extends
/// deadlines by this time.
[[nodiscard]] constexpr std::chrono::milliseconds receive_time(std::uint64_t bytes) noexcept {
  return std::chrono::milliseconds(bytes * 1000 / least_receive_rate);
}

/// Bounds of a client's queue of received frames (frames and bytes), and the size of its outgoing buffer in
/// bytes.
inline constexpr std::size_t client_queue_frames = 65536;
inline constexpr std::size_t client_queue_bytes = 64U << 20;
inline constexpr std::size_t client_outgoing_bytes = 4U << 20;

/// Bounds of a client's window of unacknowledged frames. The number of frames equals the broker's queue
/// length, so that all acks of a window fit into that queue. The bytes bound the memory that is kept for a
/// reconnect.
inline constexpr std::size_t client_window_frames = queue_frames;
inline constexpr std::size_t client_window_bytes = 16U << 20;

/// Most operations of one client that wait for room, and their bytes. Each has a caller that waits for it.
/// More than this means that the callers do not wait for completions.
inline constexpr std::size_t client_waiting_operations = 65536;
inline constexpr std::size_t client_waiting_bytes = 64U << 20;

/// Returns the default deadline of an operation with ack. It covers the wait for room, reconnects and sending
/// again.
///
/// A broker acknowledges late while the publisher is blocked by a slow receiver. The deadline therefore
/// follows from the broker's times: it covers two slow receivers one after the other, and twice the broker's
/// timeout. The client adds receive_time() of the frame, so that a large frame does not expire before its
/// receivers must have taken it.
[[nodiscard]] constexpr std::chrono::milliseconds delivery_timeout_for(
    std::chrono::milliseconds broker_stall_limit, std::chrono::milliseconds broker_timeout) noexcept {
  return 2 * (broker_stall_limit + broker_timeout);
}
inline constexpr std::chrono::milliseconds delivery_timeout = delivery_timeout_for(stall_limit, timeout);
static_assert(delivery_timeout > stall_limit + timeout, "an ack outlasts a held publisher");

/// Connections that may end with a frame unacknowledged before the client sends this frame alone. If a third
/// connection ends as well, the frame is the cause.
inline constexpr unsigned cuts_before_alone = 2;

/// Host lookups that run at once in a process, and lookups that wait. Each lookup is a thread. If its name
/// server does not answer, only the resolver's own timeout ends it, often after half a minute.
inline constexpr std::size_t name_lookups = 16;
inline constexpr std::size_t name_lookups_waiting = 1024;

/// Maximum delay before the first attempt to reconnect, and the value up to which it doubles. The first is
/// short, because most connections are lost by a restart. The last keeps a thousand clients below 40 attempts
/// a second.
inline constexpr std::chrono::milliseconds reconnect_first = 100ms;
inline constexpr std::chrono::milliseconds reconnect_most = 30s;

/// Default drain of Client::disconnect().
inline constexpr std::chrono::milliseconds drain_timeout = 5s;

/// Buffer of an in-process connection in bytes, per direction.
inline constexpr std::size_t inproc_buffer_bytes = 1U << 20;

/// Longest line of a fifo in bytes, and most params in it. A shell's command line is no longer.
inline constexpr std::size_t fifo_line_bytes = 32U << 10;
inline constexpr std::size_t fifo_params = 256;

/// The metrics server: largest request in bytes, and most connections at a time. One more connection replaces
/// the one that has been idle longest.
inline constexpr std::uint32_t metrics_request_bytes = 8192;
inline constexpr std::size_t metrics_connections = 16;

/// Largest access file in bytes and most entries in it. The broker reads the file as a whole and walks the
/// entries at each registration. Fixed.
inline constexpr std::size_t access_file_bytes = 1U << 20;
inline constexpr std::size_t access_entries = 4096;

/// Memory for one client's cached access decisions in bytes, for each operation. It is charged to the client.
/// A client that invents targets only slows itself down.
inline constexpr std::size_t access_cache_bytes = 128U << 10;

/// Most bytes that a peer may send in a TLS handshake. A chain of several large certificates is far smaller.
inline constexpr std::size_t tls_handshake_bytes = 128U << 10;

/// Largest PEM file in bytes: certificates, key or revocation lists. The file is read as a whole. The
/// revocation lists of a large public authority have some millions of bytes. Fixed.
inline constexpr std::size_t tls_file_bytes = 16U << 20;

/// Largest HTTP request for a WebSocket, and largest answer, in bytes. Browsers send a few hundred, with
/// cookies up to some thousands.
inline constexpr std::size_t websocket_handshake_bytes = 16U << 10;

/// Buffers of a WebSocket in bytes: for reading, and for copying what is written. Each WebSocket has its own.
inline constexpr std::size_t websocket_read_bytes = 32U << 10;
inline constexpr std::size_t websocket_write_bytes = 64U << 10;

/// Buffer between a WebSocket and its session in bytes, per direction. A socket's buffer has about this size.
inline constexpr std::size_t websocket_pipe_bytes = 64U << 10;

/// Time for a WebSocket to send what is queued and to close in order. Then the gateway closes it.
inline constexpr std::chrono::milliseconds websocket_goodbye = 1s;

/// Most log lines of one cause that a peer can repeat, and the time in which they are written. The lines show
/// what happens, and they do not fill a disk: one line a second is about 10 MB a day.
inline constexpr std::uint64_t log_lines = 10;
inline constexpr std::chrono::milliseconds log_window = 10s;

/// Longest bearer token in bytes. It must fit into a request with other fields. Fixed.
inline constexpr std::size_t max_token_bytes = 4096;

/// Deepest nesting of a MessagePack value that is decoded. Deeper input is refused, because decoding is
/// recursive.
inline constexpr std::size_t max_msgpack_depth = 64;

}  // namespace busrt::limits
