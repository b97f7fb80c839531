// RPC frames in the payload of a message: known bytes, truncation at each byte, and refusals.
#include <gtest/gtest.h>

#include <limits>

#include "wire/rpc_frame.hpp"
#include "wire_bytes.hpp"

namespace busrt::wire {
namespace {

using test::bytes;
using test::Bytes;
using test::hex;
using test::text;

struct RpcCase {
  const char* name;
  const char* wire;
  std::size_t header_bytes;
  RpcKind kind;
  std::uint32_t call_id;
  const char* method;
  std::int16_t error_code;
  const char* payload;
};

// Written out by hand from docs/protocol.md.
const RpcCase goldens[] = {
    {"notification", "00 'news'", 1, RpcKind::notification, 0, "", 0, "news"},
    {"notification_empty", "00", 1, RpcKind::notification, 0, "", 0, ""},
    {"request", "01 2a000000 'test' 00 80", 10, RpcKind::request, 42, "test", 0, "\x80"},
    {"request_no_reply_wanted", "01 00000000 'test' 00", 10, RpcKind::request, 0, "test", 0, ""},
    {"request_last_id", "01 ffffffff 'm' 00 'x'", 7, RpcKind::request, 0xFFFFFFFFU, "m", 0, "x"},
    {"request_empty_method", "01 01000000 00 'p'", 6, RpcKind::request, 1, "", 0, "p"},
    {"reply", "11 04030201 'ok'", 5, RpcKind::reply, 0x01020304U, "", 0, "ok"},
    {"reply_empty", "11 01000000", 5, RpcKind::reply, 1, "", 0, ""},
    {"error_not_found", "12 01000000 ff82 'gone'", 7, RpcKind::error, 1, "", -32001, "gone"},
    {"error_method_not_found", "12 01000000 a780", 7, RpcKind::error, 1, "", -32601, ""},
    {"error_invalid_params", "12 01000000 a680", 7, RpcKind::error, 1, "", -32602, ""},
    {"error_bus_busy", "12 01000000 8a82", 7, RpcKind::error, 1, "", -32000 - 0x76, ""},
    {"error_lowest_code", "12 01000000 0080", 7, RpcKind::error, 1, "",
     std::numeric_limits<std::int16_t>::min(), ""},
    {"error_positive_code", "12 01000000 0100", 7, RpcKind::error, 1, "", 1, ""},
};

class GoldenRpc : public testing::TestWithParam<RpcCase> {};

TEST_P(GoldenRpc, decodes_to_its_fields) {
  const Bytes wire = bytes(GetParam().wire);
  RpcFrame frame;
  ASSERT_TRUE(decode_rpc(wire, frame));
  EXPECT_EQ(frame.kind, GetParam().kind);
  EXPECT_EQ(frame.call_id, GetParam().call_id);
  EXPECT_EQ(frame.method, GetParam().method);
  EXPECT_EQ(frame.error_code, GetParam().error_code);
  EXPECT_EQ(text(frame.payload), GetParam().payload);
}

TEST_P(GoldenRpc, is_what_the_encoder_writes) {
  busrt::base::ByteBuffer out;
  switch (GetParam().kind) {
    case RpcKind::notification:
      append_rpc_notification_header(out);
      break;
    case RpcKind::request:
      append_rpc_request_header(out, GetParam().call_id, GetParam().method);
      break;
    case RpcKind::reply:
      append_rpc_reply_header(out, GetParam().call_id);
      break;
    case RpcKind::error:
      append_rpc_error_header(out, GetParam().call_id, GetParam().error_code);
      break;
  }
  EXPECT_EQ(out.size(), GetParam().header_bytes);
  out.append(std::string_view(GetParam().payload));
  EXPECT_EQ(hex(out), hex(bytes(GetParam().wire)));
}

TEST_P(GoldenRpc, is_refused_at_every_cut_of_its_header_and_taken_at_every_other) {
  const Bytes wire = bytes(GetParam().wire);
  for (std::size_t cut = 0; cut <= wire.size(); ++cut) {
    const Bytes prefix = test::exact(std::span(wire).first(cut));
    RpcFrame frame;
    EXPECT_EQ(decode_rpc(prefix, frame), cut >= GetParam().header_bytes) << "at " << cut << " bytes";
  }
}

TEST_P(GoldenRpc, overwrites_every_field_of_an_earlier_frame) {
  const Bytes request = bytes("01 ffffffff 'method' 00 'payload'");
  const Bytes error = bytes("12 ffffffff ff82 'payload'");
  const Bytes wire = bytes(GetParam().wire);
  for (const Bytes& earlier : {request, error}) {
    RpcFrame frame;
    ASSERT_TRUE(decode_rpc(earlier, frame));
    ASSERT_TRUE(decode_rpc(wire, frame));
    EXPECT_EQ(frame.call_id, GetParam().call_id);
    EXPECT_EQ(frame.method, GetParam().method);
    EXPECT_EQ(frame.error_code, GetParam().error_code);
    EXPECT_EQ(text(frame.payload), GetParam().payload);
  }
}

INSTANTIATE_TEST_SUITE_P(every_kind, GoldenRpc, testing::ValuesIn(goldens),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

TEST(WireRpc, knows_exactly_four_kinds) {
  for (unsigned kind = 0; kind <= 0xFF; ++kind) {
    Bytes wire = bytes("00 01000000 'method' 00 'payload'");
    wire[0] = static_cast<std::byte>(kind);
    RpcFrame frame;
    EXPECT_EQ(decode_rpc(wire, frame), kind == 0x00 || kind == 0x01 || kind == 0x11 || kind == 0x12) << kind;
  }
}

TEST(WireRpc, refuses_a_request_whose_method_does_not_end) {
  RpcFrame frame;
  EXPECT_FALSE(decode_rpc(bytes("01 01000000 'method'"), frame));
  EXPECT_FALSE(decode_rpc(bytes("01 01000000"), frame));
}

TEST(WireRpc, the_method_ends_at_the_first_nul) {
  RpcFrame frame;
  const Bytes wire = bytes("01 01000000 'm' 00 'a' 00 'b'");
  ASSERT_TRUE(decode_rpc(wire, frame));
  EXPECT_EQ(frame.method, "m");
  EXPECT_EQ(hex(frame.payload), "61 00 62");
}

}  // namespace
}  // namespace busrt::wire
