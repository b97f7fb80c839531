// Why the broker lost a frame, closed a connection or refused one. Each value has a counter in BrokerStats
// (busrt/broker_stats.hpp). docs/guides/new_loss_cause.md says how to add one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

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
inline constexpr std::size_t loss_causes = static_cast<std::size_t>(LossCause::access_denied) + 1;
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
inline constexpr std::size_t close_reasons = static_cast<std::size_t>(CloseReason::fault) + 1;
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
inline constexpr std::size_t refusal_reasons = static_cast<std::size_t>(RefusalReason::origin) + 1;
/// Returns the reason's name, as logs and metrics write it. The text is static. Thread safety: any thread.
[[nodiscard]] std::string_view to_string(RefusalReason reason) noexcept;

}  // namespace busrt
BUSRT_API_END
