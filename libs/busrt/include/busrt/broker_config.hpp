// The settings of a broker: queues, budgets, limits, security, log. busrt/limits.hpp has the defaults with
// their reasons.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "busrt/access.hpp"
#include "busrt/base/log.hpp"
#include "busrt/export.hpp"
#include "busrt/limits.hpp"
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

}  // namespace busrt
BUSRT_API_END
