// How the client delivers one operation, and what it does when its connection is lost.
//
// The model. An operation with ack enters the client's window and stays there until the broker acknowledges
// it. The window is bounded in frames and in bytes. An operation without ack enters the outgoing buffer only,
// and is complete then.
//
// If window or buffer is full, WhenFull decides: the operation waits, or completes with errc::would_block.
// Each operation has one deadline, which covers the wait for room, for a connection and for the ack. Its
// default is ClientConfig::delivery_timeout + limits::receive_time(frame size).
//
// If the connection is lost, ReconnectPolicy decides. With reconnect enabled, the client connects again,
// restores subscriptions and exclusions, and sends every unacknowledged frame again in order. QoS processed
// is therefore delivered at least once: a frame whose ack was lost arrives twice.
//
// The invariant: each operation with ack ends with one result. may_have_been_delivered() tells whether a
// frame with an error can have reached its receivers.
#pragma once

#include <chrono>
#include <cstdint>
#include <system_error>

#include "busrt/export.hpp"
#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// What an operation does if the outgoing buffer, or the window of unacknowledged operations, has no room.
enum class WhenFull : std::uint8_t {
  wait,    ///< wait for room until the deadline
  refuse,  ///< complete with errc::would_block at once; the client did not take the frame
};

/// Options of one operation. Most calls pass a QoS alone: `publish(topic, payload, QoS::realtime)`.
struct SendOptions {
  QoS qos = QoS::processed;  ///< whether the broker acknowledges, and whether it sends at once
  /// Time for the whole operation, from the call on. Zero means the default: ClientConfig::delivery_timeout
  /// plus limits::receive_time() of the frame. A value of the caller is used as it is.
  std::chrono::milliseconds timeout{};
  WhenFull when_full = WhenFull::wait;  ///< what the operation does if buffer or window is full

  constexpr SendOptions() = default;
  /// Converts from a QoS alone.
  constexpr SendOptions(QoS with, std::chrono::milliseconds deadline = {}, WhenFull full = WhenFull::wait)
      : qos(with), timeout(deadline), when_full(full) {}
};

/// What the client does after a connection is lost.
///
/// If enabled, the client connects again by itself. It restores its subscriptions and exclusions and waits
/// until the broker confirms them. It then sends unacknowledged frames again, in order.
///
/// The maximum delay between attempts doubles from `first_delay` to `most_delay`. The client draws each delay
/// at random between zero and that maximum ("full jitter"). So the many clients of a restarted broker do not
/// all return at the same moment.
///
/// Some refusals end the attempts, because time does not change them: errc::access, data, not_supported,
/// bad_address, and closed for a broker of this process. The client retries after errc::busy, because the
/// broker may keep a broken session for a while. It also retries after not_registered, because a secondary's
/// primary may be reconnecting too.
struct ReconnectPolicy {
  bool enabled = true;  ///< false: a lost connection is an error of every pending operation
  /// Maximum delay before the first attempt.
  std::chrono::milliseconds first_delay = limits::reconnect_first;
  std::chrono::milliseconds most_delay = limits::reconnect_most;  ///< maximum delay before any attempt
  /// How long connect() tries to make the first connection. Zero: one attempt.
  std::chrono::milliseconds first_connect{0};
  /// How long the client may be without connection before it gives up. It then fails every unacknowledged
  /// operation. Zero: no limit; each operation still has its own deadline.
  std::chrono::milliseconds give_up_after{0};
};

/// Tells whether a frame may have reached its receivers although its operation failed with this error.
///
/// Returns false only if the frame certainly was not delivered: the broker refused it, or the client never
/// sent it. Thread safety: any thread.
[[nodiscard]] bool may_have_been_delivered(const std::error_code& code) noexcept;

}  // namespace busrt
BUSRT_API_END
