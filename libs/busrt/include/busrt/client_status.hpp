// A client's status and counters: the state of its connection, why connections ended, and what was lost.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// The state of a client's connection.
enum class ConnectionState : std::uint8_t {
  disconnected,  ///< no connection and no attempt: before connect(), or after the last connection ended
  connecting,    ///< connect() is under way
  connected,     ///< the client is registered with the broker
  reconnecting,  ///< the connection was lost; an attempt is under way or scheduled
  closed,        ///< the client was destroyed
};

/// Why a connection, or an attempt to make one, ended.
enum class DisconnectReason : std::uint8_t {
  none,              ///< there was no connection yet
  unreachable,       ///< no broker answered at the address in time
  refused,           ///< the broker refused the handshake
  closed_by_broker,  ///< the broker closed the connection in order
  broken,            ///< reading or writing failed
  garbage,           ///< the broker sent bytes that are no valid frame
  silent,            ///< the broker sent nothing for too long
  owner,             ///< the program disconnected or destroyed the client
};
/// The number of reasons.
inline constexpr std::size_t disconnect_reasons = 8;

/// Why a frame or an operation of this client failed. An operation with ack also completes with an error.
/// Frames without ack are only counted.
enum class ClientLoss : std::uint8_t {
  unacked_cut,     ///< accepted without ack; not completely written when the connection was lost
  unacked_closed,  ///< accepted without ack; not completely written when the client closed or its drain ended
  expired_unsent,  ///< the deadline passed before the frame was sent: certainly not delivered
  expired,         ///< the deadline passed before the ack came: the frame may have been delivered
  cut_once,        ///< sent and unacknowledged when the connection was lost, and never sent twice (RPC)
  given_up_unsent,  ///< not sent before the client closed or gave up
  given_up,         ///< sent and unacknowledged when the client closed or gave up
  cancelled,        ///< cancelled by the caller
  /// A third connection ended with this frame, the last one with this frame alone. The broker does not accept
  /// the frame.
  cut_alone,
  oversized,  ///< a received frame over ClientConfig::max_received_body_bytes; the client skipped it
};
/// The number of causes.
inline constexpr std::size_t client_losses = 10;

/// Returns the value's name, as logs and metrics write it. The text is static. Thread safety: any thread.
[[nodiscard]] std::string_view to_string(ConnectionState state) noexcept;
[[nodiscard]] std::string_view to_string(DisconnectReason reason) noexcept;  ///< as above
[[nodiscard]] std::string_view to_string(ClientLoss loss) noexcept;          ///< as above

/// A client's status, as Client::status() returns it and Client::on_state() reports it.
struct ConnectionStatus {
  ConnectionState state = ConnectionState::disconnected;  ///< the present state
  /// How the last connection or attempt ended. The value stays while the client is connected.
  DisconnectReason reason = DisconnectReason::none;
  std::error_code error;                 ///< the error of the last end; empty while the client is connected
  std::string message;                   ///< the sentence that belongs to `error`
  std::uint32_t attempts = 0;            ///< attempts since connect() or since the loss; zero while connected
  std::uint64_t connections = 0;         ///< connections made so far
  std::chrono::milliseconds retry_in{};  ///< delay before the next attempt; zero if no attempt is scheduled
  std::uint64_t version = 0;             ///< increases with every change
};

/// A client's counters, over all its connections.
struct ClientStats {
  std::uint64_t frames_in = 0;     ///< frames received
  std::uint64_t bytes_in = 0;      ///< bytes received, headers included
  std::uint64_t frames_out = 0;    ///< frames written to a connection
  std::uint64_t bytes_out = 0;     ///< bytes written to a connection, headers included
  std::size_t queued_frames = 0;   ///< frames received and not yet taken by the application
  std::size_t outgoing_bytes = 0;  ///< bytes accepted and not yet written to the connection
  /// Frames without ack that were written before a drain ended early, and whose arrival is unknown. It is an
  /// upper bound of the loss.
  std::uint64_t unknown_frames = 0;
  std::size_t unconfirmed = 0;        ///< operations in the window: accepted and not yet acknowledged
  std::size_t unconfirmed_bytes = 0;  ///< bytes of their frames
  std::size_t waiting = 0;            ///< operations that wait for room
  std::uint64_t unsent_bytes = 0;     ///< bytes of the frames counted as unacked_cut and unacked_closed
  std::uint64_t resent = 0;  ///< frames sent again after a reconnect: an upper bound of the duplicates
  /// Subscriptions and exclusions that a broker did not restore: each request that it denied, and each
  /// pattern for which it closed the connection.
  std::uint64_t patterns_refused = 0;
  std::uint64_t connections = 0;  ///< connections made so far
  /// Ends by DisconnectReason, failed attempts included.
  std::array<std::uint64_t, disconnect_reasons> disconnects{};
  std::array<std::uint64_t, client_losses> lost{};  ///< losses by ClientLoss

  /// Returns how many frames or operations were lost by this cause.
  [[nodiscard]] std::uint64_t lost_by(ClientLoss cause) const {
    return lost[static_cast<std::size_t>(cause)];
  }
};

}  // namespace busrt
BUSRT_API_END
