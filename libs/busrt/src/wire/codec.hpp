// Frames of the BUS/RT protocol, both directions: decoding in place, encoding into a buffer. No I/O, no
// allocation while decoding; every length is checked before anything is read or reserved for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/error.hpp"
#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"

namespace busrt::wire {

inline constexpr std::size_t request_header_bytes = 9;  ///< client -> broker: u32 op id, u8 flags, u32 length
inline constexpr std::size_t delivery_header_bytes =
    6;  ///< broker -> client: u8 kind, u32 length, u8 realtime

/// Of the flags of a request; the two bits above them are the QoS.
inline constexpr unsigned op_bits = 0x3F;

/// What decoding the front of an input gave.
struct Decoded {
  enum class Status : std::uint8_t { complete, need_more, malformed, too_large };
  Status status;
  /// complete: bytes of the frame. need_more: bytes that the input must at least hold before trying again.
  /// too_large: bytes of the frame, which begins here and may be passed over.
  std::size_t size;
  /// malformed: what is wrong, for the log.
  const char* reason = nullptr;

  static Decoded complete(std::size_t bytes) noexcept { return {Status::complete, bytes}; }
  static Decoded need_more(std::size_t bytes) noexcept { return {Status::need_more, bytes}; }
  static Decoded malformed(const char* why) noexcept { return {Status::malformed, 0, why}; }
  static Decoded too_large(std::size_t bytes) noexcept { return {Status::too_large, bytes}; }
};

/// A client -> broker frame. Views point into the decoded input. Names are not yet checked for UTF-8 (see
/// names.hpp): the broker does that once per name, not once per frame.
struct Request {
  std::uint32_t op_id = 0;
  Op op = Op::nop;  ///< nop stands for a ping
  QoS qos = QoS::no;
  std::string_view target;             ///< client name, mask or topic; empty for the topic list operations
  std::string_view receiver;           ///< publish_for alone
  std::span<const std::byte> payload;  ///< for the topic list operations: the patterns, separated by '\0'
};

/// The operation of an encoded request, which has its whole header.
[[nodiscard]] inline Op op_of_request(std::span<const std::byte> frame) noexcept {
  return static_cast<Op>(std::to_integer<std::uint8_t>(frame[4]) & op_bits);
}

/// A broker -> client frame. Views point into the decoded input.
struct Delivery {
  FrameKind kind = FrameKind::nop;
  bool realtime = false;
  std::string_view sender;
  std::string_view topic;  ///< publish alone
  std::span<const std::byte> payload;
  std::uint32_t ack_op_id = 0;  ///< ack alone
  std::uint8_t ack_code = 0;    ///< ack alone: a response code as it came
};

/// The largest body of a delivery that a request with a body of at most `max_request_body` bytes can become:
/// the sender's name and its NUL come on top. A publication keeps its topic; the other kinds lose a target
/// for it.
[[nodiscard]] constexpr std::uint32_t largest_delivery_body(std::uint32_t max_request_body) noexcept {
  constexpr std::uint32_t name = limits::max_name_bytes + 1;
  return max_request_body > UINT32_MAX - name ? UINT32_MAX : max_request_body + name;
}
static_assert(largest_delivery_body(limits::most_body_bytes) < UINT32_MAX, "its length fits in the header");

/// Decodes the frame at the front of `input`. `max_body` is the largest body length accepted, in bytes: a
/// larger request is malformed, because its sender is to be stopped; a larger delivery is too_large, because
/// its receiver can pass it over. `out` is meaningful after Status::complete alone, and then every field is:
/// one that the frame does not have is empty or zero.
[[nodiscard]] Decoded decode_request(std::span<const std::byte> input, std::uint32_t max_body,
                                     Request& out) noexcept;
[[nodiscard]] Decoded decode_delivery(std::span<const std::byte> input, std::uint32_t max_body,
                                      Delivery& out) noexcept;

/// Hands out the patterns of a topic list body one by one. An empty body is one empty pattern, as in the real
/// broker, and the caller decides what to make of it. The body must outlive the list.
class TopicList {
 public:
  explicit TopicList(std::span<const std::byte> body) noexcept
      : rest_(reinterpret_cast<const char*>(body.data()), body.size()) {}

  /// True until the last pattern was taken.
  [[nodiscard]] bool more() const noexcept { return more_; }
  /// The next pattern; call it only while more().
  [[nodiscard]] std::string_view next() noexcept {
    const std::size_t end = rest_.find('\0');
    const std::string_view pattern = rest_.substr(0, end);
    if (end == std::string_view::npos) {
      more_ = false;
    } else {
      rest_.remove_prefix(end + 1);
    }
    return pattern;
  }
  /// What was not taken yet: a list of its own while more().
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
  bool more_ = true;
};

/// Bytes of the body of a message, broadcast, publish or publish-for frame.
[[nodiscard]] constexpr std::size_t request_body_bytes(Op op, std::string_view target,
                                                       std::string_view receiver,
                                                       std::size_t payload_bytes) noexcept {
  return target.size() + 1 + (op == Op::publish_for ? receiver.size() + 1 : 0) + payload_bytes;
}
/// Bytes of the body of a topic list frame.
[[nodiscard]] std::size_t topic_body_bytes(std::span<const std::string_view> topics) noexcept;

/// Appends a message, broadcast, publish or publish-for frame. `receiver` is written for publish_for alone;
/// `prefix` goes before the payload (an RPC header, so that a payload need not be copied to get one). The
/// caller has checked that the body fits in 32 bits and that the names hold no NUL.
void append_request(base::ByteBuffer& out, std::uint32_t op_id, Op op, QoS qos, std::string_view target,
                    std::string_view receiver, std::span<const std::byte> prefix,
                    std::span<const std::byte> payload);
/// Appends a subscribe, unsubscribe, exclude or unexclude frame.
void append_topic_request(base::ByteBuffer& out, std::uint32_t op_id, Op op, QoS qos,
                          std::span<const std::string_view> topics);
/// A client's ping: nine zero bytes.
void append_ping(base::ByteBuffer& out);

/// Bytes of the header of a delivery up to its payload.
[[nodiscard]] constexpr std::size_t delivery_prefix_bytes(FrameKind kind, std::string_view sender,
                                                          std::string_view topic) noexcept {
  return delivery_header_bytes + sender.size() + 1 + (kind == FrameKind::publish ? topic.size() + 1 : 0);
}
/// Writes the header of a delivery up to its payload; `out` has delivery_prefix_bytes() bytes. Returns the
/// end.
std::byte* write_delivery_prefix(std::byte* out, FrameKind kind, bool realtime, std::string_view sender,
                                 std::string_view topic, std::size_t payload_bytes) noexcept;
/// The broker's ack and its nop, six bytes each.
void append_ack(base::ByteBuffer& out, std::uint32_t op_id, std::uint8_t code);
void append_nop(base::ByteBuffer& out);

[[nodiscard]] inline std::uint32_t load_u32(const std::byte* at) noexcept {
  return std::to_integer<std::uint32_t>(at[0]) | std::to_integer<std::uint32_t>(at[1]) << 8U |
         std::to_integer<std::uint32_t>(at[2]) << 16U | std::to_integer<std::uint32_t>(at[3]) << 24U;
}
inline std::byte* store_u32(std::byte* at, std::uint32_t value) noexcept {
  at[0] = static_cast<std::byte>(value);
  at[1] = static_cast<std::byte>(value >> 8U);
  at[2] = static_cast<std::byte>(value >> 16U);
  at[3] = static_cast<std::byte>(value >> 24U);
  return at + 4;
}

}  // namespace busrt::wire
