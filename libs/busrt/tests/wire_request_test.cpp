// Client -> broker frames: the bytes that the protocol page gives, round trips, truncation and refusals.
#include <gtest/gtest.h>

#include <array>
#include <limits>
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

constexpr std::uint32_t limit = limits::max_body_bytes;

struct RequestCase {
  const char* name;
  const char* wire;
  std::uint32_t op_id;
  Op op;
  QoS qos;
  const char* target;
  const char* receiver;
  std::string payload;
};

// One of every frame that a client sends, written out by hand from docs/protocol.md.
const std::vector<RequestCase>& golden_requests() {
  static const std::vector<RequestCase> all{
      {"ping", "00000000 00 00000000", 0, Op::nop, QoS::no, "", "", ""},
      {"message_qos_no", "01000000 12 06000000 'bob' 00 'hi'", 1, Op::message, QoS::no, "bob", "", "hi"},
      {"message_processed", "02000000 52 06000000 'bob' 00 'hi'", 2, Op::message, QoS::processed, "bob", "",
       "hi"},
      {"message_realtime", "03000000 92 06000000 'bob' 00 'hi'", 3, Op::message, QoS::realtime, "bob", "",
       "hi"},
      {"message_realtime_processed", "04000000 d2 06000000 'bob' 00 'hi'", 4, Op::message,
       QoS::realtime_processed, "bob", "", "hi"},
      {"message_empty_payload", "ffffffff 52 04000000 'bob' 00", 0xFFFFFFFFU, Op::message, QoS::processed,
       "bob", "", ""},
      {"message_binary_payload", "04030201 12 06000000 'a' 00 00 ff 00 01", 0x01020304U, Op::message, QoS::no,
       "a", "", std::string("\0\xFF\0\x01", 4)},
      {"broadcast", "05000000 53 09000000 'app.*' 00 'all'", 5, Op::broadcast, QoS::processed, "app.*", "",
       "all"},
      {"publish", "06000000 01 07000000 'a/b' 00 'xyz'", 6, Op::publish, QoS::no, "a/b", "", "xyz"},
      {"publish_processed", "06000000 41 07000000 'a/b' 00 'xyz'", 6, Op::publish, QoS::processed, "a/b", "",
       "xyz"},
      {"publish_for", "07000000 46 0c000000 'tasks' 00 'bob' 00 01 02", 7, Op::publish_for, QoS::processed,
       "tasks", "bob", "\x01\x02"},
      {"publish_for_empty", "07000000 c6 02000000 00 00", 7, Op::publish_for, QoS::realtime_processed, "", "",
       ""},
      {"subscribe_one", "08000000 42 03000000 'a/#'", 8, Op::subscribe, QoS::processed, "", "", "a/#"},
      {"subscribe_two", "08000000 42 07000000 'a/#' 00 'b/+'", 8, Op::subscribe, QoS::processed, "", "",
       std::string("a/#\0b/+", 7)},
      {"subscribe_nothing", "08000000 42 00000000", 8, Op::subscribe, QoS::processed, "", "", ""},
      {"unsubscribe", "09000000 03 01000000 '#'", 9, Op::unsubscribe, QoS::no, "", "", "#"},
      {"exclude", "0a000000 44 01000000 'a'", 10, Op::exclude, QoS::processed, "", "", "a"},
      {"unexclude", "0b000000 c5 01000000 'a'", 11, Op::unexclude, QoS::realtime_processed, "", "", "a"},
  };
  return all;
}

void encode(const RequestCase& frame, busrt::base::ByteBuffer& out) {
  switch (frame.op) {
    case Op::nop:
      append_ping(out);
      return;
    case Op::subscribe:
    case Op::unsubscribe:
    case Op::exclude:
    case Op::unexclude: {
      std::vector<std::string_view> topics;
      if (!frame.payload.empty()) {
        for (TopicList list(as_bytes(frame.payload)); list.more();) topics.push_back(list.next());
      }
      append_topic_request(out, frame.op_id, frame.op, frame.qos, topics);
      return;
    }
    default:
      append_request(out, frame.op_id, frame.op, frame.qos, frame.target, frame.receiver, {},
                     as_bytes(frame.payload));
  }
}

class GoldenRequest : public testing::TestWithParam<RequestCase> {};

TEST_P(GoldenRequest, decodes_to_its_fields) {
  const Bytes wire = bytes(GetParam().wire);
  Request request;
  const Decoded decoded = decode_request(wire, limit, request);
  ASSERT_EQ(decoded.status, Status::complete) << decoded.reason;
  EXPECT_EQ(decoded.size, wire.size());
  EXPECT_EQ(request.op_id, GetParam().op_id);
  EXPECT_EQ(request.op, GetParam().op);
  EXPECT_EQ(request.qos, GetParam().qos);
  EXPECT_EQ(request.target, GetParam().target);
  EXPECT_EQ(request.receiver, GetParam().receiver);
  EXPECT_EQ(text(request.payload), GetParam().payload);
}

TEST_P(GoldenRequest, is_what_the_encoder_writes) {
  busrt::base::ByteBuffer out;
  encode(GetParam(), out);
  EXPECT_EQ(hex(out), hex(bytes(GetParam().wire)));
}

TEST_P(GoldenRequest, asks_for_more_at_every_proper_prefix) {
  const Bytes wire = bytes(GetParam().wire);
  for (std::size_t cut = 0; cut < wire.size(); ++cut) {
    const Bytes prefix = test::exact(std::span(wire).first(cut));
    Request request;
    const Decoded decoded = decode_request(prefix, limit, request);
    ASSERT_EQ(decoded.status, Status::need_more) << "at " << cut << " bytes";
    EXPECT_EQ(decoded.size, cut < request_header_bytes ? request_header_bytes : wire.size());
  }
}

TEST_P(GoldenRequest, leaves_what_follows_it) {
  Bytes wire = bytes(GetParam().wire);
  const std::size_t whole = wire.size();
  wire.resize(whole + 5, std::byte{0xAA});
  Request request;
  const Decoded decoded = decode_request(wire, limit, request);
  ASSERT_EQ(decoded.status, Status::complete);
  EXPECT_EQ(decoded.size, whole);
  EXPECT_EQ(text(request.payload), GetParam().payload);
}

TEST_P(GoldenRequest, overwrites_every_field_of_an_earlier_frame) {
  const Bytes earlier = bytes("07000000 c6 0c000000 'tasks' 00 'bob' 00 01 02");
  const Bytes wire = bytes(GetParam().wire);
  Request request;
  ASSERT_EQ(decode_request(earlier, limit, request).status, Status::complete);
  ASSERT_EQ(decode_request(wire, limit, request).status, Status::complete);
  EXPECT_EQ(request.qos, GetParam().qos);
  EXPECT_EQ(request.target, GetParam().target);
  EXPECT_EQ(request.receiver, GetParam().receiver);
  EXPECT_EQ(text(request.payload), GetParam().payload);
}

INSTANTIATE_TEST_SUITE_P(every_operation, GoldenRequest, testing::ValuesIn(golden_requests()),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(WireRequest, a_ping_is_nine_bytes_whatever_its_length_says) {
  Request request;
  for (const char* ping : {"00000000 00 00000000", "05000000 00 07000000", "00000000 00 ffffffff"}) {
    const Decoded decoded = decode_request(bytes(ping), 0, request);
    EXPECT_EQ(decoded.status, Status::complete) << ping;
    EXPECT_EQ(decoded.size, 9U);
    EXPECT_EQ(request.op, Op::nop);
  }
}

TEST(WireRequest, refuses_the_largest_length_for_every_flags_byte_before_the_body_comes) {
  for (unsigned flags = 1; flags <= 0xFF; ++flags) {
    Bytes header = bytes("01000000 00 ffffffff");
    header[4] = static_cast<std::byte>(flags);
    Request request;
    const Decoded decoded = decode_request(header, limit, request);
    EXPECT_EQ(decoded.status, Status::malformed) << flags;
    EXPECT_STREQ(decoded.reason, "frame body over the size limit") << flags;
  }
}

TEST(WireRequest, takes_a_body_at_the_limit_and_refuses_one_byte_more) {
  Request request;
  EXPECT_EQ(decode_request(bytes("01000000 01 04000000 'a' 00 'xy'"), 4, request).status, Status::complete);
  EXPECT_EQ(decode_request(bytes("01000000 01 05000000 'a' 00 'xyz'"), 4, request).status, Status::malformed);
  EXPECT_EQ(decode_request(bytes("01000000 02 00000000"), 0, request).status, Status::complete);
}

TEST(WireRequest, knows_exactly_eight_operations_under_each_qos) {
  for (unsigned flags = 1; flags <= 0xFF; ++flags) {
    Bytes frame = bytes("01000000 00 03000000 'a' 00 00");
    frame[4] = static_cast<std::byte>(flags);
    const unsigned op = flags & 0x3FU;
    const bool known = (op >= 1 && op <= 6) || op == 0x12 || op == 0x13;
    Request request;
    const Decoded decoded = decode_request(frame, limit, request);
    ASSERT_EQ(decoded.status, known ? Status::complete : Status::malformed) << flags;
    if (!known) {
      EXPECT_STREQ(decoded.reason, "unknown operation");
      continue;
    }
    EXPECT_EQ(static_cast<unsigned>(request.op), op);
    EXPECT_EQ(static_cast<unsigned>(request.qos), flags >> 6U);
  }
}

TEST(WireRequest, refuses_an_unknown_operation_from_its_header) {
  Request request;
  EXPECT_EQ(decode_request(bytes("01000000 07 10000000"), limit, request).status, Status::malformed);
  EXPECT_EQ(decode_request(bytes("01000000 40 00000000"), limit, request).status, Status::malformed);
}

TEST(WireRequest, refuses_a_body_without_its_nul) {
  for (const char* wire : {"01000000 12 03000000 'bob'", "01000000 13 00000000", "01000000 01 01000000 'a'",
                           "01000000 06 00000000", "01000000 06 05000000 'topic'",
                           "01000000 06 09000000 'topic' 00 'bob'", "01000000 06 01000000 00"}) {
    Request request;
    const Decoded decoded = decode_request(bytes(wire), limit, request);
    EXPECT_EQ(decoded.status, Status::malformed) << wire;
    EXPECT_STREQ(decoded.reason, "frame body without its NUL") << wire;
  }
}

TEST(WireRequest, does_not_take_a_nul_from_the_next_frame) {
  Request request;
  const Bytes two = bytes("01000000 12 03000000 'bob' 00000000 00 00000000");
  EXPECT_EQ(decode_request(two, limit, request).status, Status::malformed);
}

TEST(WireRequest, writes_the_prefix_before_the_payload) {
  busrt::base::ByteBuffer out;
  append_request(out, 1, Op::message, QoS::processed, "bob", "ignored", bytes("01 2a000000 'm' 00"),
                 as_bytes("params"));
  EXPECT_EQ(hex(out), hex(bytes("01000000 52 11000000 'bob' 00 01 2a000000 'm' 00 'params'")));
}

TEST(WireRequest, frames_follow_each_other_in_one_buffer) {
  busrt::base::ByteBuffer out;
  for (const RequestCase& frame : golden_requests()) encode(frame, out);
  std::span<const std::byte> rest = out.data();
  for (const RequestCase& frame : golden_requests()) {
    Request request;
    const Decoded decoded = decode_request(rest, limit, request);
    ASSERT_EQ(decoded.status, Status::complete) << frame.name;
    EXPECT_EQ(request.op, frame.op);
    rest = rest.subspan(decoded.size);
  }
  EXPECT_TRUE(rest.empty());
}

std::vector<std::string> topics_of(std::string_view body) {
  std::vector<std::string> topics;
  for (TopicList list(as_bytes(body)); list.more();) topics.emplace_back(list.next());
  return topics;
}

TEST(WireRequest, topic_lists_are_cut_at_every_nul) {
  using List = std::vector<std::string>;
  EXPECT_EQ(topics_of("a"), (List{"a"}));
  EXPECT_EQ(topics_of(std::string_view("a\0b/#\0c", 7)), (List{"a", "b/#", "c"}));
  EXPECT_EQ(topics_of(std::string_view("a\0", 2)), (List{"a", ""}));
  EXPECT_EQ(topics_of(std::string_view("\0a", 2)), (List{"", "a"}));
  EXPECT_EQ(topics_of(""), (List{""}));
}

TEST(WireRequest, numbers_are_little_endian) {
  std::array<std::byte, 4> at{};
  EXPECT_EQ(store_u32(at.data(), 0x01020304U), at.data() + 4);
  EXPECT_EQ(hex(at), "04 03 02 01");
  for (const std::uint32_t value : {0U, 1U, 0x80U, 0xFF00FF00U, std::numeric_limits<std::uint32_t>::max()}) {
    store_u32(at.data(), value);
    EXPECT_EQ(load_u32(at.data()), value);
  }
}

}  // namespace
}  // namespace busrt::wire
