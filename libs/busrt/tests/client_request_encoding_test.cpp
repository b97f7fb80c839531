// What a client refuses to send, and how it encodes the rest.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "busrt/frame.hpp"
#include "busrt/limits.hpp"
#include "client/request_encoding.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {
namespace {

constexpr std::uint32_t body_limit = 1024;

template <class T>
std::error_code code_of(const Result<T>& result) {
  return result ? std::error_code() : result.error().code;
}

TEST(RequestEncoding, EncodesARequestWithOpIdZeroAndBothPartsOfThePayload) {
  const auto frame = encode_request(Op::publish, QoS::processed, "news/today", {}, as_bytes("he"),
                                    as_bytes("llo"), body_limit);
  ASSERT_TRUE(frame) << frame.error().describe();
  wire::Request request;
  const auto decoded = wire::decode_request(frame->data(), body_limit, request);
  ASSERT_EQ(decoded.status, wire::Decoded::Status::complete);
  EXPECT_EQ(request.op_id, 0U);
  EXPECT_EQ(request.op, Op::publish);
  EXPECT_EQ(request.target, "news/today");
  EXPECT_EQ(as_text(request.payload), "hello");
}

TEST(RequestEncoding, RefusesTargetsThatABrokerClosesTheConnectionFor) {
  EXPECT_TRUE(check_target(Op::message, "someone", {}));
  EXPECT_EQ(code_of(check_target(Op::message, std::string(limits::max_name_bytes + 1, 'a'), {})),
            errc::too_large);
  EXPECT_EQ(code_of(check_target(Op::publish, std::string(limits::max_topic_bytes + 1, 'a'), {})),
            errc::too_large);
  EXPECT_EQ(code_of(check_target(Op::publish_for, "t", std::string(limits::max_name_bytes + 1, 'a'))),
            errc::too_large);
  EXPECT_EQ(code_of(check_target(Op::publish, "a\xFF", {})), errc::data);
  std::string deep = "a";
  for (std::size_t i = 0; i < limits::max_topic_segments; ++i) deep += "/a";
  EXPECT_EQ(code_of(check_target(Op::publish, deep, {})), errc::too_large);
}

TEST(RequestEncoding, RefusesABodyOverTheLimitAndNamesBothSizes) {
  EXPECT_TRUE(check_body(body_limit, body_limit));
  const auto refused = check_body(body_limit + 1, body_limit);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::too_large);
  EXPECT_EQ(refused.error().message, "frame body of 1025 bytes, the limit is 1024");
  const std::string large(body_limit, 'x');
  EXPECT_EQ(code_of(encode_request(Op::publish, QoS::no, "t", {}, {}, as_bytes(large), body_limit)),
            errc::too_large);
}

TEST(RequestEncoding, EncodesSeveralPatternsInOneRequest) {
  const auto frame = encode_topic_request(Op::subscribe, {"a/#", "b"}, body_limit);
  ASSERT_TRUE(frame) << frame.error().describe();
  wire::Request request;
  ASSERT_EQ(wire::decode_request(frame->data(), body_limit, request).status, wire::Decoded::Status::complete);
  EXPECT_EQ(request.op, Op::subscribe);
  wire::TopicList list(request.payload);
  ASSERT_TRUE(list.more());
  EXPECT_EQ(list.next(), "a/#");
  ASSERT_TRUE(list.more());
  EXPECT_EQ(list.next(), "b");
  EXPECT_FALSE(list.more());
}

TEST(RequestEncoding, RefusesPatternsThatNoBrokerTakesAndNamesThem) {
  EXPECT_EQ(code_of(encode_topic_request(Op::subscribe, {}, body_limit)), errc::data);
  EXPECT_EQ(code_of(encode_topic_request(Op::exclude, {"a", ""}, body_limit)), errc::data);
  EXPECT_EQ(code_of(encode_topic_request(Op::subscribe, {"a\xFF"}, body_limit)), errc::data);
  const auto refused = encode_topic_request(Op::subscribe, {std::string(3000, 'x')}, body_limit);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::too_large);
}

}  // namespace
}  // namespace busrt::detail
