// Broker -> client frames: the bytes that the protocol page gives, round trips, truncation and refusals.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "busrt/limits.hpp"
#include "wire/codec.hpp"
#include "wire_bytes.hpp"

namespace busrt::wire {
namespace {

using test::as_bytes;
using test::bytes;
using test::Bytes;
using test::hex;
using test::text;
using Status = Decoded::Status;

constexpr std::uint32_t delivery_limit = limits::max_body_bytes;

struct DeliveryCase {
  const char* name;
  const char* wire;
  FrameKind kind;
  bool realtime = false;
  const char* sender = "";
  const char* topic = "";
  std::string payload = {};
  std::uint32_t ack_op_id = 0;
  std::uint8_t ack_code = 0;
};

// One of every frame that a broker sends, written out by hand from docs/protocol.md.
const std::vector<DeliveryCase>& golden_deliveries() {
  static const std::vector<DeliveryCase> all{
      {"nop", "00 00000000 00", FrameKind::nop},
      {"ack_ok", "fe 01000000 01", FrameKind::ack, false, "", "", "", 1, 0x01},
      {"ack_not_delivered", "fe ffffffff 77", FrameKind::ack, false, "", "", "", 0xFFFFFFFFU, 0x77},
      {"ack_unheard_of_code", "fe 04030201 00", FrameKind::ack, false, "", "", "", 0x01020304U, 0x00},
      {"message", "12 08000000 00 'alice' 00 'hi'", FrameKind::message, false, "alice", "", "hi"},
      {"message_realtime", "12 08000000 01 'alice' 00 'hi'", FrameKind::message, true, "alice", "", "hi"},
      {"message_empty", "12 02000000 00 'a' 00", FrameKind::message, false, "a", "", ""},
      {"message_nul_in_payload", "12 05000000 00 'a' 00 00 00 'x'", FrameKind::message, false, "a", "",
       std::string("\0\0x", 3)},
      {"broadcast", "13 06000000 00 'a' 00 ' all'", FrameKind::broadcast, false, "a", "", " all"},
      {"publish", "01 0c000000 00 'alice' 00 'a/b' 00 'xy'", FrameKind::publish, false, "alice", "a/b", "xy"},
      {"publish_realtime", "01 05000000 01 'a' 00 't' 00 ff", FrameKind::publish, true, "a", "t", "\xFF"},
      {"publish_empty_topic", "01 03000000 00 'a' 00 00", FrameKind::publish, false, "a", "", ""},
  };
  return all;
}

void encode(const DeliveryCase& frame, busrt::base::ByteBuffer& out) {
  switch (frame.kind) {
    case FrameKind::nop:
      append_nop(out);
      return;
    case FrameKind::ack:
      append_ack(out, frame.ack_op_id, frame.ack_code);
      return;
    default: {
      const std::size_t prefix = delivery_prefix_bytes(frame.kind, frame.sender, frame.topic);
      std::byte* const start = out.prepare(prefix);
      std::byte* const end = write_delivery_prefix(start, frame.kind, frame.realtime, frame.sender,
                                                   frame.topic, frame.payload.size());
      ASSERT_EQ(end, start + prefix);
      out.commit(prefix);
      out.append(frame.payload);
    }
  }
}

void expect_fields(const Delivery& delivery, const DeliveryCase& frame) {
  EXPECT_EQ(delivery.kind, frame.kind);
  EXPECT_EQ(delivery.realtime, frame.realtime);
  EXPECT_EQ(delivery.sender, frame.sender);
  EXPECT_EQ(delivery.topic, frame.topic);
  EXPECT_EQ(text(delivery.payload), frame.payload);
  EXPECT_EQ(delivery.ack_op_id, frame.ack_op_id);
  EXPECT_EQ(delivery.ack_code, frame.ack_code);
}

class GoldenDelivery : public testing::TestWithParam<DeliveryCase> {};

TEST_P(GoldenDelivery, decodes_to_its_fields) {
  const Bytes wire = bytes(GetParam().wire);
  Delivery delivery;
  const Decoded decoded = decode_delivery(wire, delivery_limit, delivery);
  ASSERT_EQ(decoded.status, Status::complete) << decoded.reason;
  EXPECT_EQ(decoded.size, wire.size());
  expect_fields(delivery, GetParam());
}

TEST_P(GoldenDelivery, is_what_the_encoder_writes) {
  busrt::base::ByteBuffer out;
  encode(GetParam(), out);
  EXPECT_EQ(hex(out), hex(bytes(GetParam().wire)));
}

TEST_P(GoldenDelivery, asks_for_more_at_every_proper_prefix) {
  const Bytes wire = bytes(GetParam().wire);
  for (std::size_t cut = 0; cut < wire.size(); ++cut) {
    const Bytes prefix = test::exact(std::span(wire).first(cut));
    Delivery delivery;
    const Decoded decoded = decode_delivery(prefix, delivery_limit, delivery);
    ASSERT_EQ(decoded.status, Status::need_more) << "at " << cut << " bytes";
    EXPECT_EQ(decoded.size, cut < delivery_header_bytes ? delivery_header_bytes : wire.size());
  }
}

TEST_P(GoldenDelivery, leaves_what_follows_it) {
  Bytes wire = bytes(GetParam().wire);
  const std::size_t whole = wire.size();
  wire.resize(whole + 5, std::byte{0xAA});
  Delivery delivery;
  const Decoded decoded = decode_delivery(wire, delivery_limit, delivery);
  ASSERT_EQ(decoded.status, Status::complete);
  EXPECT_EQ(decoded.size, whole);
  expect_fields(delivery, GetParam());
}

TEST_P(GoldenDelivery, overwrites_every_field_of_earlier_frames) {
  const Bytes ack = bytes("fe ffffffff 77");
  const Bytes publish = bytes("01 0c000000 01 'alice' 00 'a/b' 00 'xy'");
  const Bytes wire = bytes(GetParam().wire);
  for (const Bytes& earlier : {ack, publish}) {
    Delivery delivery;
    ASSERT_EQ(decode_delivery(earlier, delivery_limit, delivery).status, Status::complete);
    ASSERT_EQ(decode_delivery(wire, delivery_limit, delivery).status, Status::complete);
    expect_fields(delivery, GetParam());
  }
}

INSTANTIATE_TEST_SUITE_P(every_kind, GoldenDelivery, testing::ValuesIn(golden_deliveries()),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(WireDelivery, knows_exactly_five_kinds) {
  for (unsigned kind = 0; kind <= 0xFF; ++kind) {
    Bytes frame = bytes("00 02000000 00 00 00");
    frame[0] = static_cast<std::byte>(kind);
    const bool bodiless = kind == 0x00 || kind == 0xFE;
    const bool known = bodiless || kind == 0x01 || kind == 0x12 || kind == 0x13;
    Delivery delivery;
    const Decoded decoded = decode_delivery(frame, delivery_limit, delivery);
    ASSERT_EQ(decoded.status, known ? Status::complete : Status::malformed) << kind;
    if (known) {
      EXPECT_EQ(decoded.size, bodiless ? 6U : 8U);
    } else {
      EXPECT_STREQ(decoded.reason, "unknown frame kind");
    }
  }
}

TEST(WireDelivery, says_from_the_header_alone_that_a_frame_is_too_large_and_where_it_ends) {
  for (const char* header : {"01 ffffffff 00", "12 ffffffff 00", "13 ffffffff 01"}) {
    Delivery delivery;
    const Decoded decoded = decode_delivery(bytes(header), delivery_limit, delivery);
    EXPECT_EQ(decoded.status, Status::too_large) << header;
    EXPECT_EQ(decoded.size, delivery_header_bytes + std::size_t{UINT32_MAX}) << header;
  }
}

TEST(WireDelivery, takes_a_body_at_the_limit_and_no_byte_more) {
  Delivery delivery;
  EXPECT_EQ(decode_delivery(bytes("12 03000000 00 'a' 00 'x'"), 3, delivery).status, Status::complete);
  EXPECT_EQ(decode_delivery(bytes("12 04000000 00 'a' 00 'xy'"), 3, delivery).status, Status::too_large);
}

TEST(WireDelivery, what_a_request_at_its_limit_becomes_is_within_the_limit_of_deliveries) {
  constexpr std::uint32_t most = 600;
  const std::string longest(limits::max_name_bytes, 'n');
  std::size_t largest = 0;
  for (const auto& [op, kind] : {std::pair(Op::publish, FrameKind::publish),
                                 {Op::publish_for, FrameKind::publish},
                                 {Op::message, FrameKind::message},
                                 {Op::broadcast, FrameKind::broadcast}}) {
    for (const std::string& name : {std::string(), std::string("t"), longest}) {
      const std::string receiver = op == Op::publish_for ? name : std::string();
      const std::size_t empty = request_body_bytes(op, name, receiver, 0);
      ASSERT_LE(empty, most);
      const std::size_t payload = most - empty;
      const std::string topic = kind == FrameKind::publish ? name : std::string();
      const std::size_t body = delivery_prefix_bytes(kind, longest, topic) - delivery_header_bytes + payload;
      EXPECT_LE(body, largest_delivery_body(most)) << to_string(op) << " " << name;
      largest = std::max(largest, body);
    }
  }
  EXPECT_EQ(largest, largest_delivery_body(most)) << "and no larger than it must be";
}

TEST(WireDelivery, an_op_id_that_looks_like_a_huge_length_is_no_length) {
  Delivery delivery;
  EXPECT_EQ(decode_delivery(bytes("fe ffffffff 01"), 0, delivery).status, Status::complete);
}

TEST(WireDelivery, refuses_a_body_without_its_nul) {
  for (const char* wire : {"12 01000000 00 'a'", "13 00000000 00", "01 01000000 00 'a'",
                           "01 03000000 00 'a' 00 't'", "01 01000000 00 00"}) {
    Delivery delivery;
    const Decoded decoded = decode_delivery(bytes(wire), delivery_limit, delivery);
    EXPECT_EQ(decoded.status, Status::malformed) << wire;
    EXPECT_STREQ(decoded.reason, "frame body without its NUL") << wire;
  }
}

TEST(WireDelivery, any_nonzero_realtime_byte_means_realtime) {
  Delivery delivery;
  ASSERT_EQ(decode_delivery(bytes("12 02000000 80 'a' 00"), delivery_limit, delivery).status,
            Status::complete);
  EXPECT_TRUE(delivery.realtime);
}

TEST(WireDelivery, frames_follow_each_other_in_one_buffer) {
  busrt::base::ByteBuffer out;
  for (const DeliveryCase& frame : golden_deliveries()) encode(frame, out);
  std::span<const std::byte> rest = out.data();
  for (const DeliveryCase& frame : golden_deliveries()) {
    Delivery delivery;
    const Decoded decoded = decode_delivery(rest, delivery_limit, delivery);
    ASSERT_EQ(decoded.status, Status::complete) << frame.name;
    expect_fields(delivery, frame);
    rest = rest.subspan(decoded.size);
  }
  EXPECT_TRUE(rest.empty());
}

}  // namespace
}  // namespace busrt::wire
