// RPC rides in the payload of message frames; this is its layout.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "busrt/base/byte_buffer.hpp"

namespace busrt::wire {

enum class RpcKind : std::uint8_t { notification = 0x00, request = 0x01, reply = 0x11, error = 0x12 };

/// A decoded RPC payload. Views point into the input. The method is not yet checked for UTF-8.
struct RpcFrame {
  RpcKind kind = RpcKind::notification;
  std::uint32_t call_id = 0;           ///< request (0: no reply wanted), reply, error
  std::string_view method;             ///< request
  std::int16_t error_code = 0;         ///< error
  std::span<const std::byte> payload;  ///< notification payload, params, result or error message
};

/// False for an empty payload, an unknown kind, a truncated header or a request whose method has no NUL.
[[nodiscard]] bool decode_rpc(std::span<const std::byte> input, RpcFrame& out) noexcept;

/// Appends the header that goes before a payload: everything of the RPC frame but params, result or message.
void append_rpc_notification_header(base::ByteBuffer& out);
void append_rpc_request_header(base::ByteBuffer& out, std::uint32_t call_id, std::string_view method);
void append_rpc_reply_header(base::ByteBuffer& out, std::uint32_t call_id);
void append_rpc_error_header(base::ByteBuffer& out, std::uint32_t call_id, std::int16_t code);

}  // namespace busrt::wire
