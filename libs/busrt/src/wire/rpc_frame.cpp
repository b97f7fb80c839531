#include "wire/rpc_frame.hpp"

#include <cstring>

#include "wire/codec.hpp"

namespace busrt::wire {

namespace {
constexpr std::size_t call_header_bytes = 5;   // u8 kind, u32 call id
constexpr std::size_t error_header_bytes = 7;  // and i16 code

std::byte* append_call_header(base::ByteBuffer& out, RpcKind kind, std::uint32_t call_id, std::size_t more) {
  std::byte* at = out.prepare(call_header_bytes + more);
  *at++ = static_cast<std::byte>(kind);
  return store_u32(at, call_id);
}
}  // namespace

bool decode_rpc(std::span<const std::byte> input, RpcFrame& out) noexcept {
  if (input.empty()) return false;
  out = {};
  out.kind = static_cast<RpcKind>(input[0]);
  switch (out.kind) {
    case RpcKind::notification:
      out.payload = input.subspan(1);
      return true;
    case RpcKind::request: {
      if (input.size() < call_header_bytes) return false;
      out.call_id = load_u32(input.data() + 1);
      const auto rest = input.subspan(call_header_bytes);
      const void* end = rest.empty() ? nullptr : std::memchr(rest.data(), 0, rest.size());
      if (end == nullptr) return false;
      const auto length = static_cast<std::size_t>(static_cast<const std::byte*>(end) - rest.data());
      out.method = {reinterpret_cast<const char*>(rest.data()), length};
      out.payload = rest.subspan(length + 1);
      return true;
    }
    case RpcKind::reply:
      if (input.size() < call_header_bytes) return false;
      out.call_id = load_u32(input.data() + 1);
      out.payload = input.subspan(call_header_bytes);
      return true;
    case RpcKind::error:
      if (input.size() < error_header_bytes) return false;
      out.call_id = load_u32(input.data() + 1);
      out.error_code = static_cast<std::int16_t>(std::to_integer<unsigned>(input[5]) |
                                                 std::to_integer<unsigned>(input[6]) << 8U);
      out.payload = input.subspan(error_header_bytes);
      return true;
    default:
      return false;
  }
}

void append_rpc_notification_header(base::ByteBuffer& out) {
  *out.prepare(1) = static_cast<std::byte>(RpcKind::notification);
  out.commit(1);
}

void append_rpc_request_header(base::ByteBuffer& out, std::uint32_t call_id, std::string_view method) {
  std::byte* at = append_call_header(out, RpcKind::request, call_id, method.size() + 1);
  if (!method.empty()) std::memcpy(at, method.data(), method.size());
  at[method.size()] = std::byte{0};
  out.commit(call_header_bytes + method.size() + 1);
}

void append_rpc_reply_header(base::ByteBuffer& out, std::uint32_t call_id) {
  append_call_header(out, RpcKind::reply, call_id, 0);
  out.commit(call_header_bytes);
}

void append_rpc_error_header(base::ByteBuffer& out, std::uint32_t call_id, std::int16_t code) {
  std::byte* at = append_call_header(out, RpcKind::error, call_id, 2);
  const auto bits = static_cast<std::uint16_t>(code);
  at[0] = static_cast<std::byte>(bits & 0xFFU);
  at[1] = static_cast<std::byte>(bits >> 8U);
  out.commit(error_header_bytes);
}

}  // namespace busrt::wire
