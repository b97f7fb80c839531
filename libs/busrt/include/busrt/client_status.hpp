// What a client tells of itself: the state of its connection, and its numbers.
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

/// Where a client stands.
enum class ConnectionState : std::uint8_t {
  disconnected,  ///< and nothing is done about it: before connect(), or after the end
  connecting,    ///< connect() is under way
  connected,     ///< registered with the broker
  reconnecting,  ///< the connection was lost; an attempt is under way or the next is waited for
  closed,        ///< the client's owner has let it go
};

/// Why a connection, or an attempt to make one, ended.
enum class DisconnectReason : std::uint8_t {
  none,              ///< there was no connection yet
  unreachable,       ///< nobody answered at the address, or not in time
  refused,           ///< the broker said no in the handshake
  closed_by_broker,  ///< an orderly end from the other side
  broken,            ///< reading or writing failed
  garbage,           ///< what came is no frame
  silent,            ///< nothing came for too long
  owner,             ///< disconnect(), or the client's destruction
};
/// How many there are.
inline constexpr std::size_t disconnect_reasons = 8;

/// Frames and operations that came to nothing on this side. Each operation was told by its error; frames
/// without ack are counted here alone.
enum class ClientLoss : std::uint8_t {
  unacked_cut,      ///< accepted without ack, not (wholly) written when the connection was lost
  unacked_closed,   ///< the same, when the client was closed or its drain ran out
  expired_unsent,   ///< deadline passed before the frame was sent: certainly not delivered
  expired,          ///< deadline passed before the confirmation came: may have been delivered
  cut_once,         ///< sent, unconfirmed when the connection was lost, and not to be sent twice (RPC)
  given_up_unsent,  ///< never sent when the client was closed or gave up
  given_up,         ///< sent and unconfirmed when the client was closed or gave up
  cancelled,        ///< by its caller
  cut_alone,        ///< a third connection ended with it, the last with it alone: the broker does not take it
  oversized,        ///< received frames over ClientConfig::max_received_body_bytes, passed over
};
/// How many there are.
inline constexpr std::size_t client_losses = 10;

/// The name of the value, as logs and metrics write it. The text is static.
[[nodiscard]] std::string_view to_string(ConnectionState state) noexcept;
[[nodiscard]] std::string_view to_string(DisconnectReason reason) noexcept;  ///< the same
[[nodiscard]] std::string_view to_string(ClientLoss loss) noexcept;          ///< the same

/// What on_state() and status() tell.
struct ConnectionStatus {
  ConnectionState state = ConnectionState::disconnected;  ///< now
  /// How the last connection or attempt ended; kept while connected.
  DisconnectReason reason = DisconnectReason::none;
  std::error_code error;          ///< of the last end; none while all is well
  std::string message;            ///< the sentence to `error`
  std::uint32_t attempts = 0;     ///< begun since connect() or the loss; zero while connected
  std::uint64_t connections = 0;  ///< made so far
  std::chrono::milliseconds
      retry_in{};             ///< drawn delay before the next attempt; zero when none is waited for
  std::uint64_t version = 0;  ///< grows with every change
};

/// A client's numbers, over all its connections.
struct ClientStats {
  std::uint64_t frames_in = 0;     ///< received
  std::uint64_t bytes_in = 0;      ///< received, headers included
  std::uint64_t frames_out = 0;    ///< written to a connection
  std::uint64_t bytes_out = 0;     ///< written to a connection, headers included
  std::size_t queued_frames = 0;   ///< received, not yet taken by the application
  std::size_t outgoing_bytes = 0;  ///< accepted, not yet written to the connection
  /// Written without ack and not known to have arrived when a drain was cut off: at most so many are lost.
  std::uint64_t unknown_frames = 0;
  std::size_t unconfirmed = 0;        ///< operations in the window: taken, and not yet acknowledged
  std::size_t unconfirmed_bytes = 0;  ///< their frames
  std::size_t waiting = 0;            ///< operations that wait for room
  std::uint64_t unsent_bytes = 0;     ///< of the frames in unacked_cut and unacked_closed
  std::uint64_t resent = 0;           ///< frames sent again after a reconnect: at most so many duplicates
  /// Subscriptions or exclusions that a broker would not restore: each request that it denied, and each
  /// pattern for which it ended the connection.
  std::uint64_t patterns_refused = 0;
  std::uint64_t connections = 0;                                ///< made so far
  std::array<std::uint64_t, disconnect_reasons> disconnects{};  ///< by DisconnectReason, attempts included
  std::array<std::uint64_t, client_losses> lost{};              ///< by ClientLoss

  /// How many were lost by this cause.
  [[nodiscard]] std::uint64_t lost_by(ClientLoss cause) const {
    return lost[static_cast<std::size_t>(cause)];
  }
};

}  // namespace busrt
BUSRT_API_END
