// The constants of the BUS/RT wire protocol, version 1 (docs/protocol.md). All integers are little-endian.
#pragma once

#include <cstdint>
#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// How the broker delivers a frame. Bit 0: the sender wants an ack. Bit 1: the broker sends the frame at
/// once, and drops it if the receiver's queue is full.
enum class QoS : std::uint8_t { no = 0, processed = 1, realtime = 2, realtime_processed = 3 };

/// Returns true if the broker acknowledges a frame with this QoS.
[[nodiscard]] constexpr bool wants_ack(QoS qos) noexcept {
  return (static_cast<std::uint8_t>(qos) & 1U) != 0;
}
/// Returns true if the broker drops a frame with this QoS rather than wait for a full receiver.
[[nodiscard]] constexpr bool is_realtime(QoS qos) noexcept {
  return (static_cast<std::uint8_t>(qos) & 2U) != 0;
}

/// Operations of a frame from client to broker: the low six bits of its flags byte.
enum class Op : std::uint8_t {
  nop = 0x00,
  publish = 0x01,
  subscribe = 0x02,
  unsubscribe = 0x03,
  exclude = 0x04,
  unexclude = 0x05,
  publish_for = 0x06,
  message = 0x12,
  broadcast = 0x13,
};

/// Kinds of a frame from broker to client.
enum class FrameKind : std::uint8_t {
  nop = 0x00,
  publish = 0x01,
  message = 0x12,
  broadcast = 0x13,
  ack = 0xFE
};

/// Returns the name used in logs, tables and JSON: "message", "broadcast", "publish". The text is static.
[[nodiscard]] std::string_view to_string(FrameKind kind) noexcept;
/// Returns the operation's name. The text is static.
[[nodiscard]] std::string_view to_string(Op op) noexcept;

/// The first byte of the handshake.
inline constexpr std::uint8_t greeting_byte = 0xEB;
/// The version of the protocol; the greeting carries it.
inline constexpr std::uint16_t protocol_version = 1;
/// Separates primary name and suffix in the name of a secondary client.
inline constexpr std::string_view secondary_separator = "%%";
/// The name of the broker's own client.
inline constexpr std::string_view broker_name = ".broker";
/// Prefix of the topics that are reserved for the broker. The broker denies publications of clients on them,
/// whatever the access rules grant.
inline constexpr std::string_view broker_topics = ".broker/";
/// Announcements of clients that register and leave.
inline constexpr std::string_view broker_info_topic = ".broker/info";
/// Announcements of the shutdown and of clients that the broker closes.
inline constexpr std::string_view broker_warn_topic = ".broker/warn";

/// Returns the part of a client name before `%%`, or the whole name.
[[nodiscard]] constexpr std::string_view primary_name(std::string_view name) noexcept {
  return name.substr(0, name.find(secondary_separator));
}

}  // namespace busrt
BUSRT_API_END
