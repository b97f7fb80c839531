// How one operation is to be delivered, and what a client does when its connection is lost.
#pragma once

#include <chrono>
#include <cstdint>
#include <system_error>

#include "busrt/export.hpp"
#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// What an operation does that finds no room: in the outgoing buffer, or in the window of unconfirmed frames.
enum class WhenFull : std::uint8_t {
  wait,    ///< for room, until its deadline
  refuse,  ///< completes with errc::would_block at once; nothing was taken
};

/// A QoS says it all in most calls: `publish(topic, payload, QoS::realtime)`.
struct SendOptions {
  QoS qos = QoS::processed;  ///< whether the broker acknowledges, and whether it delays
  /// The operation's deadline, from the call on: zero means ClientConfig::delivery_timeout, and
  /// limits::receive_time() of the frame besides.
  std::chrono::milliseconds timeout{};
  WhenFull when_full = WhenFull::wait;  ///< what a full buffer or window means

  constexpr SendOptions() = default;
  /// `QoS` alone converts.
  constexpr SendOptions(QoS with, std::chrono::milliseconds deadline = {}, WhenFull full = WhenFull::wait)
      : qos(with), timeout(deadline), when_full(full) {}
};

/// What follows a lost connection. Enabled: the client connects again by itself, restores its subscriptions
/// and exclusions, has them confirmed, and then sends again, in order, what was not acknowledged. Delays
/// between attempts grow exponentially and are drawn anew each time, between zero and the delay ("full
/// jitter"), so that the clients of a broker that restarts do not come back as one.
///
/// A refusal that time does not mend ends it: errc::access, data, not_supported, bad_address, and closed for
/// a broker of this process. errc::busy is retried, because a broker may hold a broken session for a while
/// yet, and so is not_registered, because a secondary's primary may be on its own way back.
struct ReconnectPolicy {
  bool enabled = true;  ///< false: the end of the connection is an error of every operation
  std::chrono::milliseconds first_delay = limits::reconnect_first;  ///< before the first attempt, at most
  std::chrono::milliseconds most_delay = limits::reconnect_most;    ///< before any attempt
  /// How long connect() goes on trying to make the first connection. Zero: one attempt.
  std::chrono::milliseconds first_connect{0};
  /// How long the client may be without connection before it gives up, and its outbox with it. Zero: for ever
  /// (each operation has its own deadline still).
  std::chrono::milliseconds give_up_after{0};
};

/// Whether the frame of an operation that failed with this error may have reached its receivers all the same.
/// False only where that is certain: refused by the broker, or never sent.
[[nodiscard]] bool may_have_been_delivered(const std::error_code& code) noexcept;

}  // namespace busrt
BUSRT_API_END
