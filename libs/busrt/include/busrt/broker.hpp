// The broker: it accepts clients and routes their frames. A program embeds it, or runs it as `busrtd`.
//
//   busrt::Broker broker;
//   if (auto bound = broker.listen("/run/app/bus.sock"); !bound) { ... bound.error().describe() ... }
//   busrt::BlockingClient client({.name = "app", .endpoint = broker.local()});
//
// The model. A shard is one thread with one event loop. Each connection has a session, which stays on one
// shard. The session reads frames, finds their receivers and appends each frame to the receivers' outbound
// queues. Each queue is bounded in frames and in bytes.
//
// If a queue is full, the QoS and `SlowConsumer` decide. A realtime frame is dropped and counted. Under the
// rule `wait` the publisher is blocked: the broker reads no more from it until the queue is half empty. A
// receiver that blocks publishers and takes too few bytes stalls, and the broker closes it.
//
// Memory that clients make the broker hold is charged to two budgets: the client's own and the broker's. A
// client over its own budget is closed. If the broker's budget is exceeded, the broker evicts connections.
//
// The invariant: every frame that the broker has read reaches each receiver's connection, or is counted by
// its LossCause. Every connection that ends is counted by its CloseReason, and every one that is turned away
// by its RefusalReason. docs/glossary.md explains the terms.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/access.hpp"
#include "busrt/base/log.hpp"
#include "busrt/error.hpp"
#include "busrt/export.hpp"
#include "busrt/limits.hpp"
#include "busrt/local_endpoint.hpp"
#include "busrt/security_options.hpp"
#include "busrt/tls.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// What the broker does with a frame if the receiver's queue is full. Realtime frames do not follow this
/// rule: the broker drops and counts them.
enum class SlowConsumer : std::uint8_t {
  wait,        ///< block the publisher; disconnect a receiver that stalls (BrokerConfig::stall_limit)
  drop,        ///< drop the frame for this receiver and count it
  disconnect,  ///< disconnect the receiver at once, as the reference BUS/RT broker does
};

/// Settings of a broker. They are fixed for its life, except access rules, certificates and token, which the
/// broker can replace.
struct BrokerConfig {
  /// The number of event loops; each has a thread of its own. One shard has the lowest latency and suits
  /// machines with few cores. One shard also delivers frames of different senders in the order of their acks.
  /// With several shards, only the frames of one sender keep their order.
  std::size_t shards = 1;
  std::size_t queue_frames = limits::queue_frames;  ///< bound of each receiver's queue, in frames
  std::size_t queue_bytes = limits::queue_bytes;    ///< bound of each receiver's queue, in bytes
  /// Largest body of a request in bytes, at most limits::most_body_bytes. least_client_memory() says how much
  /// memory a client needs for it.
  std::uint32_t max_body_bytes = limits::max_body_bytes;
  /// Time for the whole handshake. A registered client that sends nothing for 10/8 of this time is
  /// disconnected.
  std::chrono::milliseconds timeout = limits::timeout;
  /// The stall limit. The broker checks a receiver that blocks publishers once per stall limit. The receiver
  /// stalls on two conditions: it took nothing, or less than limits::least_receive_rate on average; and it
  /// still has no room for the frame that has waited longest.
  std::chrono::milliseconds stall_limit = limits::stall_limit;
  SlowConsumer slow_consumer = SlowConsumer::wait;  ///< what the broker does if a queue is full
  /// Most subscriptions and exclusions of one client together. The broker refuses an operation that exceeds
  /// this limit with errc::busy.
  std::size_t max_patterns = limits::client_patterns;
  /// Budget in bytes for the memory that all clients together make the broker hold. The broker refuses a
  /// connection for which the budget has no room. If the budget is exceeded, the broker evicts connections:
  /// first the ones that have not registered, the oldest first, then the clients that hold most.
  std::uint64_t memory_bytes = limits::broker_memory_bytes;
  /// Budget in bytes of one client, without the fixed cost of its connection. A client that exceeds it is
  /// disconnected.
  std::uint64_t client_memory_bytes = limits::client_memory_bytes;
  /// Most connections at a time. In-process connections do not count.
  std::size_t max_connections = limits::connections;
  /// Most connections of one user, by the user id that the kernel reports. It applies to unix sockets only.
  /// 0: no limit.
  std::size_t max_connections_per_uid = 0;
  /// If true, a client that registers a name in use disconnects the earlier client. If false, the broker
  /// refuses the new client.
  bool force_register = false;
  /// The access rules; null allows everything. Broker::set_access() replaces them.
  std::shared_ptr<const AccessRules> access{};
  /// If true, listeners without TLS (HOST:PORT, ws://) may bind to addresses other than loopback.
  bool insecure_tcp = false;
  /// Certificates for tcp:// and wss:// listeners. A tcp:// listener requires the authority, because its
  /// clients must show a certificate. The certificate's name must equal the client's primary name;
  /// certificate_name() says which name that is.
  TlsFiles tls{};
  /// Bearer token that clients of ws:// and wss:// listeners must show. Without a token, a client of wss://
  /// must show a certificate as for tcp://, if the listener has an authority.
  std::optional<std::string> token{};
  /// Origins of the web pages that may connect to ws:// and wss:// listeners, each as SCHEME://HOST[:PORT]. A
  /// browser names the origin of its page in the request. The broker refuses an origin that is not in this
  /// list, even that of the listener's own host. A request without an origin does not come from a browser,
  /// and this check does not apply to it.
  std::vector<std::string> websocket_origins{};
  /// Directory of the sockets of bare ipc://NAME addresses; if empty, the broker refuses such addresses. See
  /// runtime_directory() in address.hpp. The broker creates the directory for its own user alone. It listens
  /// there only if no other user can change the directory's contents. Otherwise listen() fails with
  /// errc::access and names the directory, its owner and its mode.
  std::filesystem::path runtime_directory{};
  /// File mode of fifos. The owner must have read and write permission; group and others may have write
  /// permission at most.
  unsigned fifo_mode = 0600;
  /// Sink for log lines. Thread safety: the broker's threads call it while they serve clients, so it must not
  /// block. The broker limits lines that a client can cause, for each cause (limits::log_lines). It then
  /// writes one line that begins with the cause and says how many lines were left out. Lines of the levels
  /// trace and debug are not limited.
  base::LogSink log;
};

/// Checks the security options of `config` against the addresses on which the broker will listen.
///
/// Returns the first option that is empty or has no effect at these addresses; nothing if all options are in
/// order. Broker::listen() refuses empty options by itself. Only this function can find an option without
/// effect, because it knows all addresses.
[[nodiscard]] std::optional<SecurityMisuse> find_security_misuse(const BrokerConfig& config,
                                                                 std::span<const std::string> addresses);

/// Returns the memory in bytes that one client needs under these limits. It is the sum of two parts: the
/// buffer of the largest request, which doubles as it grows, and the larger of a full queue and the largest
/// frame in it.
[[nodiscard]] constexpr std::uint64_t least_client_memory(std::uint32_t max_body_bytes,
                                                          std::uint64_t queue_bytes) noexcept {
  constexpr std::uint64_t headers = limits::max_name_bytes + 64;
  const std::uint64_t frame = max_body_bytes + headers;
  return 2 * frame + (queue_bytes > frame ? queue_bytes : frame);
}
static_assert(least_client_memory(limits::max_body_bytes, limits::queue_bytes) < limits::client_memory_bytes);

/// Raises `client_memory_bytes` to what `max_body_bytes` and `queue_bytes` need. It then raises
/// `memory_bytes` to hold several such clients. After that, a frame within the frame limit never disconnects
/// its sender or its receiver for its memory.
void fit_memory_limits(BrokerConfig& config) noexcept;

/// Why a frame did not reach a receiver's connection.
enum class LossCause : std::uint8_t {
  realtime_queue_full,  ///< the queue was full, and the frame was realtime
  queue_full,           ///< the queue was full under SlowConsumer::drop
  receiver_closed,      ///< the frame was still queued when the receiver's connection ended
  /// The frame was still queued when the broker closed the receiver as a slow consumer, or its queue was full
  /// under SlowConsumer::disconnect.
  slow_consumer,
  broker_event,    ///< an announcement of the broker itself found a full queue
  not_registered,  ///< a message without ack named a client that is not registered; counted at its sender
  sender_closed,   ///< a blocked publisher ended before the broker routed the frame; counted at its sender
  /// Access rules denied the frame, or its topic is reserved for the broker. Counted at its sender.
  access_denied,
};
/// The number of causes.
inline constexpr std::size_t loss_causes = 8;
/// Returns the cause's name, as logs and metrics write it. The text is static. Thread safety: any thread.
[[nodiscard]] std::string_view to_string(LossCause cause) noexcept;

/// Why a connection ended.
enum class CloseReason : std::uint8_t {
  none,               ///< the connection has not ended
  end_of_stream,      ///< the client closed the connection
  io_error,           ///< reading or writing failed
  handshake_refused,  ///< the broker refused the handshake
  handshake_timeout,  ///< the handshake took longer than BrokerConfig::timeout
  tls,                ///< the TLS handshake failed, or the TLS connection broke
  protocol_error,     ///< the client sent bytes that are no valid frame
  silent,             ///< the client sent no frame and no ping for 10/8 of the timeout
  slow_consumer,      ///< the client stalled, or its queue was full under SlowConsumer::disconnect
  displaced,          ///< another client took the name (BrokerConfig::force_register)
  primary_gone,       ///< the primary of this secondary client left
  over_memory,        ///< the client exceeded its own memory budget, or was evicted for the broker's budget
  access_refused,     ///< access rules, a name binding or its certificate did not admit the client
  access_revoked,     ///< new access rules exclude the client, or its certificate has been revoked
  name_bound,         ///< bind_name() bound the client's name to another process
  disconnected,       ///< the program called Broker::disconnect()
  shutdown,           ///< the broker shut down
  fault,  ///< the broker could not carry out an operation of the client, usually for lack of memory
};
/// The number of reasons.
inline constexpr std::size_t close_reasons = 18;
/// Returns the reason's name, as logs and metrics write it. The text is static. Thread safety: any thread.
[[nodiscard]] std::string_view to_string(CloseReason reason) noexcept;

/// Why the broker refused a connection before its handshake.
enum class RefusalReason : std::uint8_t {
  too_many,         ///< BrokerConfig::max_connections is reached
  too_many_of_uid,  ///< BrokerConfig::max_connections_per_uid is reached
  websocket,    ///< The WebSocket handshake failed: no TLS, a wrong token, no upgrade request, or a timeout.
  over_memory,  ///< the cost of one more connection would exceed the broker's memory budget
  origin,       ///< a web page with an origin that is not listed asked for a WebSocket
};
/// The number of reasons.
inline constexpr std::size_t refusal_reasons = 5;
/// Returns the reason's name, as logs and metrics write it. The text is static. Thread safety: any thread.
[[nodiscard]] std::string_view to_string(RefusalReason reason) noexcept;

/// A broker's counters since its start, and what it holds now.
struct BrokerStats {
  std::chrono::seconds uptime{};         ///< time since its start
  std::uint64_t frames_in = 0;           ///< frames from clients, without pings
  std::uint64_t bytes_in = 0;            ///< bytes on the wire, headers included
  std::uint64_t frames_out = 0;          ///< frames queued for clients, acks included
  std::uint64_t bytes_out = 0;           ///< bytes on the wire, headers included
  std::uint64_t lost[loss_causes] = {};  ///< lost frames by LossCause
  std::uint64_t holds = 0;               ///< times that a publisher was blocked by a full receiver
  /// Times that a session used up its turn and gave way to the other sessions of its shard.
  std::uint64_t yields = 0;
  std::uint64_t closed[close_reasons] = {};     ///< closed connections by CloseReason
  std::uint64_t refused[refusal_reasons] = {};  ///< refused connections by RefusalReason
  std::uint64_t denied = 0;  ///< operations that access rules denied; each pattern of a subscribe counts
  /// Subscriptions removed because new access rules no longer grant them.
  std::uint64_t subscriptions_revoked = 0;
  std::uint64_t patterns_refused = 0;  ///< subscribe and exclude operations over a limit of patterns
  std::uint64_t refused_lines = 0;     ///< lines of fifos that are not a valid command
  std::uint64_t accept_pauses = 0;     ///< times that a listener paused for lack of descriptors or memory
  std::uint64_t memory_bytes = 0;      ///< bytes held for clients now
  std::uint64_t memory_limit = 0;      ///< BrokerConfig::memory_bytes
  std::size_t connections = 0;         ///< connections now, without in-process ones
  std::size_t clients = 0;             ///< registered clients now, secondaries included

  /// Returns how many connections were closed for this reason.
  [[nodiscard]] std::uint64_t closed_for(CloseReason reason) const noexcept {
    return closed[static_cast<std::size_t>(reason)];
  }
};

/// A registered primary client. The numbers include its secondaries.
struct ClientInfo {
  std::string name;                   ///< the name under which it registered
  std::string_view kind;              ///< "internal", "local_ipc", "tcp" or "websocket"
  std::optional<std::string> source;  ///< the peer's network address, if it has one
  std::optional<std::string> port;    ///< the peer's port, or the path of its socket
  std::uint64_t frames_in = 0;        ///< frames from it, without pings
  std::uint64_t bytes_in = 0;         ///< bytes from it, headers included
  std::uint64_t frames_out = 0;       ///< frames queued for it, acks included
  std::uint64_t bytes_out = 0;        ///< bytes queued for it, headers included
  /// Lost frames to this client; frames from it where the LossCause says so.
  std::uint64_t lost[loss_causes] = {};
  std::uint64_t holds = 0;         ///< times that this client was blocked by a full receiver
  std::uint64_t memory_bytes = 0;  ///< bytes held for it now
  std::optional<int> pid;          ///< the process id that the kernel reports; local clients only
  std::optional<unsigned> uid;     ///< the user id that the kernel reports; local clients only
  std::size_t queue = 0;           ///< frames in its queue now
  std::size_t instances = 1;       ///< the primary and its secondaries
  std::uint64_t denied = 0;  ///< operations that access rules denied; each pattern of a subscribe counts

  /// Returns the sum over all causes.
  [[nodiscard]] std::uint64_t total_lost() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t frames : lost) sum += frames;
    return sum;
  }
};

/// What Broker::bind_name() does with another process that has the name at that moment.
enum class NameHolder : std::uint8_t {
  close,  ///< close its connection
  /// Leave its connection open until it ends by itself. The broker still reads what a process sent before it
  /// ended.
  keep,
};

/// A broker. Thread safety: all members may be called from any thread.
class Broker {
 public:
  /// Starts the broker's threads. The broker listens on no address yet, but local() is ready at once.
  explicit Broker(BrokerConfig config = {});
  ~Broker();  ///< calls shutdown() with a drain of zero
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Opens a listener on an address; address.hpp lists the forms. A broker may have any number of listeners
  /// of any kind.
  ///
  /// If a dead process left a socket file behind, the broker replaces it. Socket files have mode 0600. If the
  /// socket's directory does not exist, the broker creates it with mode 0700. A host name is looked up for at
  /// most BrokerConfig::timeout.
  ///
  /// Errors name the address and the reason:
  /// - errc::bad_address, errc::not_supported: the address is not one for a broker, or systemd passed no such
  ///   socket.
  /// - errc::data: a security option is empty.
  /// - errc::busy: another process serves this address, or the sockets from systemd are in use already.
  /// - std::errc::file_exists: another kind of file has the socket's name.
  /// - errc::access: a listener without TLS beyond loopback, a directory or file that other users can change,
  ///   or access rules that do not admit a fifo.
  /// - errc::timeout: the host lookup took too long.
  /// - errc::closed: the broker is shut down, also while the lookup runs.
  /// - errc::tls or the system's code: another step failed.
  [[nodiscard]] Result<> listen(std::string_view address);

  /// Takes over a stream socket (unix or TCP) of this process. A connected socket becomes a client's
  /// connection, a listening one becomes a listener.
  ///
  /// Errors name the descriptor, which the caller then still owns. errc::access: a TCP listener beyond
  /// loopback without BrokerConfig::insecure_tcp. errc::not_supported: it is no stream socket. errc::closed:
  /// the broker is shut down. Others: the system's code.
  [[nodiscard]] Result<> adopt(int descriptor);

  /// Reads the files of BrokerConfig::tls again. Connections that come later use the new certificates. A
  /// client whose certificate the new revocation lists name is closed. Errors name the file and the reason;
  /// the earlier certificates and lists then stay in use.
  [[nodiscard]] Result<> reload_certificates();

  /// Replaces the bearer token for WebSockets that connect later. Existing connections stay. Errors:
  /// errc::not_supported if the broker was made without a token; errc::data if a request cannot carry the
  /// token.
  [[nodiscard]] Result<> set_token(std::string token);

  /// Returns the endpoint through which clients of this process connect.
  [[nodiscard]] LocalEndpoint local() const;

  /// Returns a snapshot of the broker's counters.
  [[nodiscard]] BrokerStats stats() const;
  /// Returns the registered primary clients, sorted by name.
  [[nodiscard]] std::vector<ClientInfo> clients() const;
  /// Closes a client's connection. Errors: errc::not_registered if there is no such client.
  [[nodiscard]] Result<> disconnect(std::string_view client_name);

  /// Replaces the access rules; null removes them. The broker judges every frame that it reads after this
  /// call by the new rules. Live sessions follow at once: a client that may no longer connect is closed. The
  /// broker removes subscriptions that are no longer granted and logs them. Clients of this process are not
  /// subject to access rules.
  void set_access(std::shared_ptr<const AccessRules> rules);
  /// Returns the access rules in force, or null.
  [[nodiscard]] std::shared_ptr<const AccessRules> access() const;

  /// Binds a client name to one process. Afterwards only the process `pid` may register `name` (a primary) or
  /// a secondary of it. The broker refuses other processes with errc::access. A name has one pid: a later
  /// call replaces it.
  ///
  /// `holder` decides about another process that has the name now. The broker takes the pid of the process
  /// that opened the connection from the kernel. A client of this process has this process's pid; a network
  /// client has none.
  ///
  /// A program that starts a child binds the name before the child runs. Before it reaps the child, it binds
  /// the name to itself or unbinds it: the pid belongs to the child only until then.
  ///
  /// Errors: errc::data if the name is not that of a primary client or the pid is not positive; errc::closed
  /// after shutdown.
  [[nodiscard]] Result<> bind_name(std::string_view name, int pid, NameHolder holder = NameHolder::close);
  /// Removes the binding. Any process may then register the name.
  void unbind_name(std::string_view name);

  /// Shuts the broker down. It announces the shutdown on `.broker/warn` and stops listening. It then writes
  /// out queued frames for at most `drain`, closes every connection and joins its threads. A second call does
  /// nothing.
  void shutdown(std::chrono::milliseconds drain = std::chrono::milliseconds(500));

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace busrt
BUSRT_API_END
