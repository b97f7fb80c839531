// The broker: embed it in ten lines, or run it as `busrtd`.
//
//   busrt::Broker broker;
//   if (auto bound = broker.listen("/run/app/bus.sock"); !bound) { ... bound.error().describe() ... }
//   busrt::BlockingClient client({.name = "app", .endpoint = broker.local()});
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

/// What happens to a frame whose receiver's queue is full (realtime frames are always dropped, and counted).
enum class SlowConsumer : std::uint8_t {
  wait,        ///< hold the publisher; a receiver that stalls is disconnected (BrokerConfig::stall_limit)
  drop,        ///< drop the frame for that receiver and count it
  disconnect,  ///< disconnect the receiver at once, as the real BUS/RT broker does
};

/// Settings of a broker. They hold for its life; access rules and certificates can be exchanged.
struct BrokerConfig {
  /// Event loops, one thread each. One is best for latency and for machines with few cores, and it also keeps
  /// frames of different senders in the order of their acks; with several, only the frames of one sender keep
  /// their order.
  std::size_t shards = 1;
  std::size_t queue_frames = limits::queue_frames;  ///< of one receiver's queue
  std::size_t queue_bytes = limits::queue_bytes;    ///< the same in bytes
  /// Largest body of a request, at most limits::most_body_bytes. A client needs least_client_memory() for it.
  std::uint32_t max_body_bytes = limits::max_body_bytes;
  /// For the handshake, and for silence: a client that sends nothing for 10/8 of it is dropped.
  std::chrono::milliseconds timeout = limits::timeout;
  /// A receiver that holds publishers stalls when, over this time, it takes nothing, or on average less than
  /// limits::least_receive_rate, and has not made room for the frame that waits longest.
  std::chrono::milliseconds stall_limit = limits::stall_limit;
  SlowConsumer slow_consumer = SlowConsumer::wait;  ///< what a full queue means
  /// Subscriptions and exclusions of one client. An operation that would pass it is refused with errc::busy.
  std::size_t max_patterns = limits::client_patterns;
  /// Bytes that peers may make the broker, and one client, hold. A client that passes its own, not counting
  /// what being connected costs, is disconnected. A connection for which the broker's has no room is refused;
  /// when all together pass it, those that have not registered are disconnected, the oldest first, or else
  /// the client that holds most.
  std::uint64_t memory_bytes = limits::broker_memory_bytes;
  std::uint64_t client_memory_bytes = limits::client_memory_bytes;  ///< see memory_bytes
  /// Connections in all, and of one user (by the kernel's word; 0: no limit). In-process ones are not
  /// counted.
  std::size_t max_connections = limits::connections;
  std::size_t max_connections_per_uid = 0;  ///< see max_connections
  /// A client that takes a registered name disconnects the earlier one instead of being refused.
  bool force_register = false;
  /// What clients may do; null: everything. See Broker::set_access().
  std::shared_ptr<const AccessRules> access{};
  /// Listeners without TLS (HOST:PORT, ws://) may be bound to other addresses than the loopback ones.
  bool insecure_tcp = false;
  /// For tcp:// and wss:// listeners. tcp:// needs the authority: its clients have to show a certificate, and
  /// the certificate's name (the subject's common name, else the first DNS name, else the first URI) has to
  /// be the client's primary name.
  TlsFiles tls{};
  /// For ws:// and wss:// listeners: the bearer token that clients have to show. A client of wss:// that
  /// needs no token has to show a certificate as for tcp://, if there is an authority.
  std::optional<std::string> token{};
  /// For ws:// and wss:// listeners: the web pages that may connect, each by its origin,
  /// SCHEME://HOST[:PORT]. A browser names the origin of its page and lets any page connect; a request
  /// without an origin comes from no browser and is not judged by it. An origin that is not listed is
  /// refused, that of the listener's own host included.
  std::vector<std::string> websocket_origins{};
  /// Where a bare ipc://NAME lies; empty: such addresses are refused (see runtime_directory() in
  /// address.hpp). The broker makes it for its user alone. It listens there only if no other user can change
  /// what is in it: else errc::access, with a sentence that names the directory, its owner and its mode.
  std::filesystem::path runtime_directory{};
  /// The mode of fifos: read and write for the owner, and no more than write for group and others.
  unsigned fifo_mode = 0600;
  /// Called from the broker's threads, also while they serve clients: it must not block. Lines that peers can
  /// cause are limited by cause (limits::log_lines); a line that begins with the cause then tells how many
  /// were left out. Lines of the levels trace and debug are not limited.
  base::LogSink log;
};

/// The first security option of `config` that is empty, or has no effect when the broker listens at these
/// addresses and no others. Broker::listen() refuses empty ones by itself; an option without effect shows
/// only when all addresses are known.
[[nodiscard]] std::optional<SecurityMisuse> find_security_misuse(const BrokerConfig& config,
                                                                 std::span<const std::string> addresses);

/// Memory that a client needs under these limits, in bytes: the buffer of a largest request, which doubles as
/// it grows, and a full queue or the largest frame in it.
[[nodiscard]] constexpr std::uint64_t least_client_memory(std::uint32_t max_body_bytes,
                                                          std::uint64_t queue_bytes) noexcept {
  constexpr std::uint64_t headers = limits::max_name_bytes + 64;
  const std::uint64_t frame = max_body_bytes + headers;
  return 2 * frame + (queue_bytes > frame ? queue_bytes : frame);
}
static_assert(least_client_memory(limits::max_body_bytes, limits::queue_bytes) < limits::client_memory_bytes);

/// Raises `client_memory_bytes` where `max_body_bytes` and `queue_bytes` need more, and then `memory_bytes`
/// to hold several such clients. A frame within the frame limit must not end its sender or its receiver for
/// its memory.
void fit_memory_limits(BrokerConfig& config) noexcept;

/// Why a frame did not reach a receiver's connection, or a connection was ended.
enum class LossCause : std::uint8_t {
  realtime_queue_full,  ///< a realtime frame met a full queue
  queue_full,           ///< SlowConsumer::drop
  receiver_closed,      ///< frames still queued for a connection when it ended
  slow_consumer,        ///< frames still queued for a receiver closed as a slow consumer
  broker_event,         ///< an announcement of the broker itself met a full queue
  not_registered,       ///< a message without ack to a name that nobody holds (counted at its sender)
  sender_closed,  ///< frames read from a held client that ended before they could be routed (at their sender)
  access_denied,  ///< the sender may not send there: access rules, or a topic of the broker (counted at it)
};
inline constexpr std::size_t loss_causes = 8;
[[nodiscard]] std::string_view to_string(LossCause cause) noexcept;

/// Why a connection ended.
enum class CloseReason : std::uint8_t {
  none,           ///< it has not
  end_of_stream,  ///< the client left
  io_error,
  handshake_refused,
  handshake_timeout,
  tls,  ///< no TLS connection came about, or it broke
  protocol_error,
  silent,  ///< no frame and no ping for 10/8 of the timeout
  slow_consumer,
  displaced,       ///< force-register: another client took the name
  primary_gone,    ///< a secondary whose primary left
  over_memory,     ///< it held more than a client may, or most when the broker's budget was passed
  access_refused,  ///< at its registration: by access rules, or because its name is bound to another process
  access_revoked,  ///< new access rules bar the client, or its certificate has been revoked
  name_bound,      ///< its name was bound to another process
  disconnected,    ///< by the broker's owner
  shutdown,
  fault,  ///< what it asked for could not be done: no memory, as a rule
};
inline constexpr std::size_t close_reasons = 18;
[[nodiscard]] std::string_view to_string(CloseReason reason) noexcept;

/// Why a connection was turned away before its handshake.
enum class RefusalReason : std::uint8_t {
  too_many,
  too_many_of_uid,
  websocket,    ///< no WebSocket came about: no TLS, a wrong token, no upgrade, or not in time
  over_memory,  ///< what being connected costs would pass the broker's budget
  origin,       ///< a WebSocket of a web page whose origin is not listed
};
inline constexpr std::size_t refusal_reasons = 5;
[[nodiscard]] std::string_view to_string(RefusalReason reason) noexcept;

/// A broker's numbers since its start, and what it holds now.
struct BrokerStats {
  std::chrono::seconds uptime{};         ///< since its start
  std::uint64_t frames_in = 0;           ///< frames from clients, pings excluded
  std::uint64_t bytes_in = 0;            ///< on the wire, headers included
  std::uint64_t frames_out = 0;          ///< frames queued for clients, acks included
  std::uint64_t bytes_out = 0;           ///< on the wire, headers included
  std::uint64_t lost[loss_causes] = {};  ///< frames by LossCause
  std::uint64_t holds = 0;               ///< times a publisher had to wait for a receiver
  std::uint64_t yields = 0;  ///< times a session gave way to the others of its shard, its turn being used up
  std::uint64_t closed[close_reasons] = {};     ///< connections by CloseReason
  std::uint64_t refused[refusal_reasons] = {};  ///< connections by RefusalReason
  std::uint64_t denied = 0;  ///< operations that access rules refused, each pattern of a subscribe
  std::uint64_t subscriptions_revoked = 0;  ///< taken away because new access rules no longer grant them
  std::uint64_t patterns_refused = 0;       ///< subscribe and exclude operations beyond a limit of patterns
  std::uint64_t refused_lines = 0;          ///< lines of fifos that say nothing that can be sent
  std::uint64_t accept_pauses = 0;  ///< times a listener paused: no descriptor or memory for a connection
  std::uint64_t memory_bytes = 0;   ///< held for peers now
  std::uint64_t memory_limit = 0;   ///< BrokerConfig::memory_bytes
  std::size_t connections = 0;      ///< now, in-process ones not counted
  std::size_t clients = 0;          ///< registered now, secondaries included

  /// How many connections were closed for this reason.
  [[nodiscard]] std::uint64_t closed_for(CloseReason reason) const noexcept {
    return closed[static_cast<std::size_t>(reason)];
  }
};

/// A registered primary client, with its secondaries.
struct ClientInfo {
  std::string name;                      ///< as it registered
  std::string_view kind;                 ///< "internal", "local_ipc", "tcp" or "websocket"
  std::optional<std::string> source;     ///< the address that it comes from, where there is one
  std::optional<std::string> port;       ///< its port, or the path of its socket
  std::uint64_t frames_in = 0;           ///< from it, pings excluded
  std::uint64_t bytes_in = 0;            ///< from it, headers included
  std::uint64_t frames_out = 0;          ///< queued for it, acks included
  std::uint64_t bytes_out = 0;           ///< queued for it, headers included
  std::uint64_t lost[loss_causes] = {};  ///< frames for this client, or of it where the cause says so
  std::uint64_t holds = 0;               ///< times this client had to wait for a full receiver
  std::uint64_t memory_bytes = 0;        ///< held for it now
  std::optional<int> pid;                ///< the kernel's word, local peers only
  std::optional<unsigned> uid;           ///< the same
  std::size_t queue = 0;                 ///< frames waiting now
  std::size_t instances = 1;             ///< the primary and its secondaries
  std::uint64_t denied = 0;  ///< operations that access rules refused, each pattern of a subscribe

  /// The sum over all causes.
  [[nodiscard]] std::uint64_t total_lost() const noexcept {
    std::uint64_t sum = 0;
    for (const std::uint64_t frames : lost) sum += frames;
    return sum;
  }
};

/// For Broker::bind_name: a client that holds the name and is another process.
enum class NameHolder : std::uint8_t {
  close,
  keep,  ///< until its connection ends by itself: of a process that has ended, what it had sent is still read
};

/// All members are thread-safe. The destructor shuts down.
class Broker {
 public:
  /// Starts its threads. It listens nowhere yet; local() is open at once.
  explicit Broker(BrokerConfig config = {});
  ~Broker();  ///< see shutdown()
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;

  /// Opens a listener on an address (see address.hpp), any number of them and of any kind. A socket file left
  /// behind by a dead process is replaced; one that a process answers on is errc::busy, any other file
  /// std::errc::file_exists. Socket files are 0600
  /// and their directory, if it has to be made, 0700. errc::access: an address beyond the loopback without
  /// TLS. A host name is looked up within BrokerConfig::timeout (errc::timeout beyond it); shutdown() from
  /// another thread ends that wait (errc::closed). Every error names the address and the reason.
  [[nodiscard]] Result<> listen(std::string_view address);

  /// Takes over a stream socket (unix or TCP) of this process: a connected one becomes a client's connection,
  /// a listening one a listener. On an error, which names the descriptor, it stays the caller's.
  [[nodiscard]] Result<> adopt(int descriptor);

  /// Reads the files of BrokerConfig::tls again; connections that come from then on use what they hold. A
  /// client whose certificate the new revocations name is closed. On an error, which names the file and the
  /// reason, the earlier certificates and revocations stay in use.
  [[nodiscard]] Result<> reload_certificates();

  /// Replaces the bearer token for WebSockets that connect from then on; connections stay.
  /// errc::not_supported for a broker that was made without a token, errc::data for one that no request can
  /// carry.
  [[nodiscard]] Result<> set_token(std::string token);

  /// Where clients of this process connect.
  [[nodiscard]] LocalEndpoint local() const;

  /// A snapshot of the numbers.
  [[nodiscard]] BrokerStats stats() const;
  /// Registered primaries, sorted by name.
  [[nodiscard]] std::vector<ClientInfo> clients() const;
  /// Ends a client's connection. errc::not_registered if there is none.
  [[nodiscard]] Result<> disconnect(std::string_view client_name);

  /// Puts other access rules in force, or none (null). Frames that are read after this has returned are
  /// judged by them. Live sessions follow at once: a client that may no longer connect is closed,
  /// subscriptions that are no longer granted are taken away and the log names them. Clients of this process
  /// are under no rules.
  void set_access(std::shared_ptr<const AccessRules> rules);
  /// The rules in force, or null.
  [[nodiscard]] std::shared_ptr<const AccessRules> access() const;

  /// From now on only the process `pid` may register `name` (a primary) or a secondary of it; others are
  /// refused with errc::access. `holder` says what becomes of another process that holds it. What counts is
  /// who opened the connection, in the kernel's word; a client of this process has this process's pid, one
  /// that comes over a network has none. For a program that starts another: bind the name before the child
  /// runs, and bind it to oneself, or unbind it, before the child is reaped, since the pid is the child's
  /// alone until then. A name has one pid, the last one given.
  [[nodiscard]] Result<> bind_name(std::string_view name, int pid, NameHolder holder = NameHolder::close);
  /// From now on any process may register the name.
  void unbind_name(std::string_view name);

  /// Announces the shutdown, stops listening, writes out what is queued for at most `drain`, closes every
  /// connection and joins the threads. Idempotent.
  void shutdown(std::chrono::milliseconds drain = std::chrono::milliseconds(500));

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace busrt
BUSRT_API_END
