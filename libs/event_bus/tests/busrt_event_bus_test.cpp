// The event bus over a broker against the conformance suite, and what only a broker brings.

#include "busrt_bus_harness.hpp"
#include "event_bus_suite.hpp"

namespace daemoneye::event_bus::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Busrt, EventBusSuite, BusrtHarness);

namespace {

class BusrtBus : public ::testing::Test {
 protected:
  monitor_testing::EventLoop loop_;
  BusrtHarness harness_;
};

TEST_F(BusrtBus, MessagesCrossBetweenClientsAndSayWhoSentThem) {
  const auto sender = harness_.connect(loop_, "sender");
  const auto receiver = harness_.connect(loop_, "receiver");
  const auto got = BusRecorder::make(loop_.executor());
  ASSERT_TRUE(loop_.run(receiver->subscribe({.patterns = {"events.*"}}, got->handler())).has_value());
  ASSERT_TRUE(loop_.run(sender->publish("events.process.exec", "x")).has_value());
  ASSERT_TRUE(loop_.until([&] { return got->messages().size() == 1; }));
  EXPECT_EQ(got->messages()[0].sender, "sender");
  EXPECT_EQ(sender->statistics().matched, 0U);
}

TEST_F(BusrtBus, SubscriptionsComeBackWithTheConnection) {
  const auto sender = harness_.connect(loop_, "sender");
  const auto receiver = harness_.connect(loop_, "receiver");
  const auto got = BusRecorder::make(loop_.executor());
  ASSERT_TRUE(loop_.run(receiver->subscribe({.patterns = {"a/#"}}, got->handler())).has_value());
  ASSERT_TRUE(harness_.broker().disconnect("receiver").has_value());
  ASSERT_TRUE(loop_.until([&] { return !loop_.run(receiver->publish("x", "y")).has_value(); }));
  ASSERT_TRUE(loop_.run(receiver->connect()).has_value());
  ASSERT_TRUE(loop_.run(sender->publish("a/b", "x")).has_value());
  EXPECT_TRUE(loop_.until([&] { return got->messages().size() == 1; }));
}

TEST_F(BusrtBus, WithoutAConnectionPublishingFailsAndIsCounted) {
  const auto bus = harness_.connect(loop_, "alone");
  harness_.broker().shutdown();
  EXPECT_TRUE(loop_.until([&] { return !loop_.run(bus->publish("x", "y")).has_value(); }));
  EXPECT_GE(bus->statistics().publish_failed, 1U);
}

}  // namespace
}  // namespace daemoneye::event_bus::testing
