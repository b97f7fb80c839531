#include "wire/codec.hpp"

#include <cstring>

namespace busrt::wire {

namespace {

std::string_view text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Splits `body` at its first NUL: the part before it, and `body` left with what follows. False without a
/// NUL.
bool take_name(std::span<const std::byte>& body, std::string_view& name) noexcept {
  const void* found = body.empty() ? nullptr : std::memchr(body.data(), 0, body.size());
  if (found == nullptr) return false;
  const auto length = static_cast<std::size_t>(static_cast<const std::byte*>(found) - body.data());
  name = text(body.first(length));
  body = body.subspan(length + 1);
  return true;
}

std::byte* copy(std::byte* out, std::string_view name) noexcept {
  if (!name.empty()) std::memcpy(out, name.data(), name.size());
  return out + name.size();
}
std::byte* copy(std::byte* out, std::span<const std::byte> bytes) noexcept {
  return copy(out, text(bytes));
}

std::byte* write_request_header(std::byte* out, std::uint32_t op_id, Op op, QoS qos,
                                std::size_t body) noexcept {
  out = store_u32(out, op_id);
  *out++ = static_cast<std::byte>(static_cast<unsigned>(op) | static_cast<unsigned>(qos) << 6U);
  return store_u32(out, static_cast<std::uint32_t>(body));
}

}  // namespace

Decoded decode_request(std::span<const std::byte> input, std::uint32_t max_body, Request& out) noexcept {
  if (input.size() < request_header_bytes) return Decoded::need_more(request_header_bytes);
  const auto flags = std::to_integer<std::uint8_t>(input[4]);
  const std::uint32_t op_id = load_u32(input.data());
  if (flags == 0) {
    // A ping is its header alone, whatever stands in its length. No view of an earlier frame may survive in
    // `out`.
    out = {};
    out.op_id = op_id;
    return Decoded::complete(request_header_bytes);
  }
  const std::uint32_t length = load_u32(input.data() + 5);
  if (length > max_body) return Decoded::malformed("frame body over the size limit");
  const auto op = static_cast<Op>(flags & op_bits);
  switch (op) {
    case Op::publish:
    case Op::subscribe:
    case Op::unsubscribe:
    case Op::exclude:
    case Op::unexclude:
    case Op::publish_for:
    case Op::message:
    case Op::broadcast:
      break;
    case Op::nop:
    default:
      return Decoded::malformed("unknown operation");
  }
  const std::size_t whole = request_header_bytes + length;
  if (input.size() < whole) return Decoded::need_more(whole);

  out.op_id = op_id;
  out.op = op;
  out.qos = static_cast<QoS>(flags >> 6U);
  out.target = {};
  out.receiver = {};
  out.payload = input.subspan(request_header_bytes, length);
  switch (op) {
    case Op::publish:
    case Op::message:
    case Op::broadcast:
      if (!take_name(out.payload, out.target)) return Decoded::malformed("frame body without its NUL");
      break;
    case Op::publish_for:
      if (!take_name(out.payload, out.target) || !take_name(out.payload, out.receiver)) {
        return Decoded::malformed("frame body without its NUL");
      }
      break;
    default:
      break;
  }
  return Decoded::complete(whole);
}

Decoded decode_delivery(std::span<const std::byte> input, std::uint32_t max_body, Delivery& out) noexcept {
  if (input.size() < delivery_header_bytes) return Decoded::need_more(delivery_header_bytes);
  const auto kind = static_cast<FrameKind>(input[0]);
  switch (kind) {
    case FrameKind::nop:
      out = {};
      return Decoded::complete(delivery_header_bytes);
    case FrameKind::ack:
      // No view of an earlier frame may survive in `out`.
      out = {};
      out.kind = kind;
      out.ack_op_id = load_u32(input.data() + 1);
      out.ack_code = std::to_integer<std::uint8_t>(input[5]);
      return Decoded::complete(delivery_header_bytes);
    case FrameKind::publish:
    case FrameKind::message:
    case FrameKind::broadcast:
      break;
    default:
      return Decoded::malformed("unknown frame kind");
  }
  const std::uint32_t length = load_u32(input.data() + 1);
  const std::size_t whole = delivery_header_bytes + std::size_t{length};
  if (length > max_body) return Decoded::too_large(whole);
  if (input.size() < whole) return Decoded::need_more(whole);
  out.kind = kind;
  out.realtime = input[5] != std::byte{0};
  out.sender = {};
  out.topic = {};
  out.ack_op_id = 0;
  out.ack_code = 0;
  out.payload = input.subspan(delivery_header_bytes, length);
  if (!take_name(out.payload, out.sender) ||
      (out.kind == FrameKind::publish && !take_name(out.payload, out.topic))) {
    return Decoded::malformed("frame body without its NUL");
  }
  return Decoded::complete(whole);
}

void append_request(base::ByteBuffer& out, std::uint32_t op_id, Op op, QoS qos, std::string_view target,
                    std::string_view receiver, std::span<const std::byte> prefix,
                    std::span<const std::byte> payload) {
  const std::size_t body = request_body_bytes(op, target, receiver, prefix.size() + payload.size());
  std::byte* at = out.prepare(request_header_bytes + body);
  at = write_request_header(at, op_id, op, qos, body);
  at = copy(at, target);
  *at++ = std::byte{0};
  if (op == Op::publish_for) {
    at = copy(at, receiver);
    *at++ = std::byte{0};
  }
  at = copy(at, prefix);
  copy(at, payload);
  out.commit(request_header_bytes + body);
}

std::size_t topic_body_bytes(std::span<const std::string_view> topics) noexcept {
  std::size_t body = topics.empty() ? 0 : topics.size() - 1;
  for (const std::string_view topic : topics) body += topic.size();
  return body;
}

void append_topic_request(base::ByteBuffer& out, std::uint32_t op_id, Op op, QoS qos,
                          std::span<const std::string_view> topics) {
  const std::size_t body = topic_body_bytes(topics);
  std::byte* at = out.prepare(request_header_bytes + body);
  at = write_request_header(at, op_id, op, qos, body);
  bool first = true;
  for (const std::string_view topic : topics) {
    if (!first) *at++ = std::byte{0};
    first = false;
    at = copy(at, topic);
  }
  out.commit(request_header_bytes + body);
}

void append_ping(base::ByteBuffer& out) {
  std::memset(out.prepare(request_header_bytes), 0, request_header_bytes);
  out.commit(request_header_bytes);
}

std::byte* write_delivery_prefix(std::byte* out, FrameKind kind, bool realtime, std::string_view sender,
                                 std::string_view topic, std::size_t payload_bytes) noexcept {
  const std::size_t length =
      delivery_prefix_bytes(kind, sender, topic) - delivery_header_bytes + payload_bytes;
  *out++ = static_cast<std::byte>(kind);
  out = store_u32(out, static_cast<std::uint32_t>(length));
  *out++ = static_cast<std::byte>(realtime ? 1 : 0);
  out = copy(out, sender);
  *out++ = std::byte{0};
  if (kind == FrameKind::publish) {
    out = copy(out, topic);
    *out++ = std::byte{0};
  }
  return out;
}

void append_ack(base::ByteBuffer& out, std::uint32_t op_id, std::uint8_t code) {
  std::byte* at = out.prepare(delivery_header_bytes);
  *at++ = static_cast<std::byte>(FrameKind::ack);
  at = store_u32(at, op_id);
  *at = static_cast<std::byte>(code);
  out.commit(delivery_header_bytes);
}

void append_nop(base::ByteBuffer& out) {
  std::memset(out.prepare(delivery_header_bytes), 0, delivery_header_bytes);
  out.commit(delivery_header_bytes);
}

}  // namespace busrt::wire
