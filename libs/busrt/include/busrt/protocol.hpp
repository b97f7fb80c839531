// The constants of the BUS/RT wire protocol, version 1 (docs/protocol.md). All integers are little-endian.
#pragma once

#include <cstdint>
#include <string_view>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// How a frame is to be delivered. Bit 0: the sender wants an ack. Bit 1: flush at once, drop rather than
/// wait.
enum class QoS : std::uint8_t { no = 0, processed = 1, realtime = 2, realtime_processed = 3 };

[[nodiscard]] constexpr bool wants_ack(QoS qos) noexcept {
  return (static_cast<std::uint8_t>(qos) & 1U) != 0;
}
[[nodiscard]] constexpr bool is_realtime(QoS qos) noexcept {
  return (static_cast<std::uint8_t>(qos) & 2U) != 0;
}

/// Operations of a client -> broker frame (the low six bits of its flags byte).
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

/// Kinds of a broker -> client frame.
enum class FrameKind : std::uint8_t {
  nop = 0x00,
  publish = 0x01,
  message = 0x12,
  broadcast = 0x13,
  ack = 0xFE
};

/// "message", "broadcast", "publish": the words used in logs, tables and JSON.
[[nodiscard]] std::string_view to_string(FrameKind kind) noexcept;
[[nodiscard]] std::string_view to_string(Op op) noexcept;

inline constexpr std::uint8_t greeting_byte = 0xEB;
inline constexpr std::uint16_t protocol_version = 1;
inline constexpr std::string_view secondary_separator = "%%";
inline constexpr std::string_view broker_name = ".broker";
/// Topics that begin so are the broker's: nobody else may publish there, whatever the access rules grant.
inline constexpr std::string_view broker_topics = ".broker/";
inline constexpr std::string_view broker_info_topic = ".broker/info";
inline constexpr std::string_view broker_warn_topic = ".broker/warn";

/// The part of a client name before `%%`, or the whole name.
[[nodiscard]] constexpr std::string_view primary_name(std::string_view name) noexcept {
  return name.substr(0, name.find(secondary_separator));
}

}  // namespace busrt
BUSRT_API_END
