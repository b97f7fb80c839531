// What a broker's ack means for the operation that waited for it.
#include <gtest/gtest.h>

#include "client/ack_outcome.hpp"

namespace busrt::detail {
namespace {

OutboxEntry waiting(Op op, bool resent = false) {
  OutboxEntry entry;
  entry.op = op;
  entry.resent = resent;
  return entry;
}

std::uint8_t code(errc value) {
  return static_cast<std::uint8_t>(value);
}

TEST(AckOutcome, SuccessIsSuccessAndAnErrorKeepsItsCode) {
  EXPECT_TRUE(ack_outcome(waiting(Op::publish), code(errc::ok)));
  const auto refused = ack_outcome(waiting(Op::message), code(errc::not_registered));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_registered);
}

TEST(AckOutcome, AnUnknownCodeIsNamed) {
  const auto refused = ack_outcome(waiting(Op::publish), 0xEE);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::other);
  EXPECT_NE(refused.error().message.find("238"), std::string::npos);
}

TEST(AckOutcome, BusyMeansALimitOfPatternsForASubscriptionAlone) {
  const auto subscribed = ack_outcome(waiting(Op::subscribe), code(errc::busy));
  ASSERT_FALSE(subscribed);
  EXPECT_NE(subscribed.error().message.find("topic patterns"), std::string::npos);
  const auto sent = ack_outcome(waiting(Op::message), code(errc::busy));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message.find("topic patterns"), std::string::npos);
}

TEST(AckOutcome, ARefusalOfASecondCopyDoesNotSayThatTheFirstWasLost) {
  const auto refused = ack_outcome(waiting(Op::publish, true), code(errc::access));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::io);
  // A request without receivers can be refused twice without any harm.
  const auto subscribed = ack_outcome(waiting(Op::subscribe, true), code(errc::access));
  ASSERT_FALSE(subscribed);
  EXPECT_EQ(subscribed.error().code, errc::access);
}

}  // namespace
}  // namespace busrt::detail
