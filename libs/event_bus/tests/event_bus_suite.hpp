// The conformance suite of EventBus: whatever carries the messages, a subscriber sees the same. Instantiated
// for the local bus (a unit test) and for the bus over a broker (a system test).
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <string>
#include <vector>

#include "bus_recorder.hpp"
#include "busrt/error.hpp"
#include "daemoneye/event_bus/event_bus.hpp"
#include "monitor_testing/event_loop.hpp"

namespace daemoneye::event_bus::testing {

using Strings = std::vector<std::string>;

template <class Harness>
class EventBusSuite : public ::testing::Test {
 protected:
  void SetUp() override { bus_ = harness_.make(loop_, config()); }
  static EventBusConfig config() { return {.queue_frames = 4096, .queue_bytes = 1U << 20, .on_fault = {}}; }

  void remake(const EventBusConfig& config) {
    shut_down();
    bus_.reset();
    bus_ = harness_.make(loop_, config);
  }
  busrt::base::Result<> shut_down(std::chrono::milliseconds drain = std::chrono::seconds(10)) {
    return loop_.run(bus_->shutdown(drain));
  }
  void publish(std::string topic, std::string payload = "x") {
    const auto result = loop_.run(bus_->publish(std::move(topic), std::move(payload)));
    ASSERT_TRUE(result.has_value()) << result.error().describe();
  }
  SubscriptionId subscribe(std::string pattern, const std::shared_ptr<BusRecorder>& recorder,
                           EventFilter filter = {}) {
    return subscribe({.patterns = {std::move(pattern)}, .filter = std::move(filter)}, recorder);
  }
  SubscriptionId subscribe(Subscription subscription, const std::shared_ptr<BusRecorder>& recorder) {
    const auto id = loop_.run(bus_->subscribe(std::move(subscription), recorder->handler()));
    EXPECT_TRUE(id.has_value()) << id.error().describe();
    return id.value_or(0);
  }
  /// Publishes one after the other without the test waiting for it. Counts those that have ended, well or
  /// not.
  std::shared_ptr<std::size_t> publish_in_background(std::string topic, Strings payloads) {
    auto ended = std::make_shared<std::size_t>(0);
    boost::asio::co_spawn(loop_.executor(), publish_all(*bus_, std::move(topic), std::move(payloads), ended),
                          boost::asio::detached);
    return ended;
  }
  static boost::asio::awaitable<void> publish_all(EventBus& bus, std::string topic, Strings payloads,
                                                  std::shared_ptr<std::size_t> ended) {
    for (auto& payload : payloads) {
      static_cast<void>(co_await bus.publish(topic, std::move(payload)));
      ++*ended;
    }
  }
  std::shared_ptr<BusRecorder> recorder() { return BusRecorder::make(loop_.executor()); }
  /// Waits until so many (message, subscription) pairs have come in and nothing waits for a handler.
  void settle(std::uint64_t matched) {
    ASSERT_TRUE(loop_.until([&] {
      const auto numbers = bus_->statistics();
      return numbers.matched >= matched && numbers.queued == 0;
    })) << bus_->statistics().matched;
  }
  void expect_balance() {
    const auto numbers = bus_->statistics();
    EXPECT_EQ(numbers.matched, numbers.delivered + numbers.filtered + numbers.total_lost() + numbers.queued);
  }
  static std::string event_text(std::string kind, std::uint64_t seq = 1) {
    events::Event event;
    event.collector = "procmond";
    event.epoch = 1;
    event.seq = seq;
    event.domain = "process";
    event.kind = std::move(kind);
    return events::encode_event(event);
  }

  monitor_testing::EventLoop loop_;
  Harness harness_;
  std::unique_ptr<EventBus> bus_;
};

TYPED_TEST_SUITE_P(EventBusSuite);

TYPED_TEST_P(EventBusSuite, DeliversByPatternInBothNotations) {
  const auto dotted = this->recorder();
  const auto path = this->recorder();
  const auto exact = this->recorder();
  const auto all = this->recorder();
  this->subscribe("events.process.*", dotted);
  this->subscribe("unit/+/temp", path);
  this->subscribe("events.process.exec", exact);
  this->subscribe("#", all);
  const Strings topics = {"events.process.exec", "events.process.a.b", "events.process", "events.network.new",
                          "unit/tests/temp",     "unit/temp",          "unit/a/b/temp"};
  for (const auto& topic : topics) this->publish(topic);
  this->settle(2 + 1 + 1 + topics.size());
  EXPECT_EQ(dotted->topics(), (Strings{"events.process.exec", "events.process.a.b"}));
  EXPECT_EQ(path->topics(), (Strings{"unit/tests/temp"}));
  EXPECT_EQ(exact->topics(), (Strings{"events.process.exec"}));
  EXPECT_EQ(all->topics(), topics);
}

TYPED_TEST_P(EventBusSuite, PayloadsArriveByteForByte) {
  const auto got = this->recorder();
  this->subscribe("a", got);
  const std::string bytes("\0\xFF{\0}", 5);
  this->publish("a", bytes);
  this->publish("a", "");
  this->settle(2);
  EXPECT_EQ(got->payloads(), (Strings{bytes, ""}));
}

TYPED_TEST_P(EventBusSuite, AFilterHoldsBackWhatItDoesNotMatch) {
  const auto filtered = this->recorder();
  const auto open = this->recorder();
  this->subscribe("events.*", filtered, {.kinds = {"exec"}, .minimum_seq = 5});
  this->subscribe("events.*", open);
  this->publish("events.process.exec", this->event_text("exec", 4));
  this->publish("events.process.exec", this->event_text("exec", 5));
  this->publish("events.process.exit", this->event_text("exit", 6));
  this->settle(6);
  ASSERT_EQ(filtered->messages().size(), 1U);
  ASSERT_NE(filtered->messages()[0].event, nullptr);
  EXPECT_EQ(filtered->messages()[0].event->seq, 5U);
  EXPECT_EQ(open->messages().size(), 3U);
  EXPECT_EQ(this->bus_->statistics().filtered, 2U);
  this->expect_balance();
}

TYPED_TEST_P(EventBusSuite, WhatIsOnNoEventTopicIsFilteredAndNotLost) {
  const auto got = this->recorder();
  this->subscribe("#", got, {.kinds = {"exec"}});
  this->publish("health.procmond", "no event");
  this->publish("events.process.exec", this->event_text("exec"));
  this->settle(2);
  EXPECT_EQ(got->messages().size(), 1U);
  EXPECT_EQ(this->bus_->statistics().total_lost(), 0U);
  EXPECT_EQ(this->bus_->statistics().filtered, 1U);
}

TYPED_TEST_P(EventBusSuite, WhatAFilterCannotReadIsLostWithItsCause) {
  const auto got = this->recorder();
  this->subscribe("events.*", got, {.kinds = {"exec"}});
  this->publish("events.process.exec", "no event");
  this->publish("events.process.exec", this->event_text("exec"));
  this->settle(2);
  ASSERT_EQ(got->messages().size(), 1U);
  EXPECT_EQ(got->messages()[0].lost_before, 1U);
  EXPECT_EQ(this->bus_->statistics().lost_by(BusLoss::undecodable), 1U);
}

TYPED_TEST_P(EventBusSuite, EverySubscriptionThatMatchesGetsAMessageOnce) {
  const auto first = this->recorder();
  const auto second = this->recorder();
  this->subscribe("events.process.*", first);
  this->subscribe("events.?.exec", second);
  this->subscribe("events.process.*", second);
  this->publish("events.process.exec");
  this->settle(3);
  EXPECT_EQ(first->messages().size(), 1U);
  EXPECT_EQ(second->messages().size(), 2U);
}

TYPED_TEST_P(EventBusSuite, UnsubscribingStopsDeliveryToThatSubscriptionAlone) {
  const auto leaving = this->recorder();
  const auto staying = this->recorder();
  const auto id = this->subscribe("a/#", leaving);
  this->subscribe("a/#", staying);
  this->publish("a/1");
  this->settle(2);
  ASSERT_TRUE(this->loop_.run(this->bus_->unsubscribe(id)).has_value());
  this->publish("a/2");
  this->settle(3);
  EXPECT_EQ(leaving->topics(), (Strings{"a/1"}));
  EXPECT_EQ(staying->topics(), (Strings{"a/1", "a/2"}));
  const auto again = this->loop_.run(this->bus_->unsubscribe(id));
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, busrt::errc::not_registered);
}

TYPED_TEST_P(EventBusSuite, WhatIsQueuedWhenASubscriptionEndsIsLostWithItsCause) {
  const auto got = this->recorder();
  got->hold();
  const auto id = this->subscribe("a", got);
  for (int i = 0; i < 3; ++i) this->publish("a");
  ASSERT_TRUE(
      this->loop_.until([&] { return got->entered() == 1 && this->bus_->statistics().matched == 3; }));
  ASSERT_TRUE(this->loop_.run(this->bus_->unsubscribe(id)).has_value());
  got->release();
  this->settle(3);
  EXPECT_EQ(got->messages().size(), 1U) << "the handler that ran already was let finish";
  EXPECT_EQ(this->bus_->statistics().lost_by(BusLoss::unsubscribed), 2U);
  this->expect_balance();
}

TYPED_TEST_P(EventBusSuite, KeepsTheOrder) {
  const auto got = this->recorder();
  this->subscribe("a.*", got);
  Strings sent;
  for (int i = 0; i < 1000; ++i) {
    sent.push_back(std::to_string(i));
    this->publish("a." + std::to_string(i % 7), sent.back());
  }
  this->settle(1000);
  EXPECT_EQ(got->payloads(), sent);
}

TYPED_TEST_P(EventBusSuite, StatisticsAddUp) {
  const auto plain = this->recorder();
  const auto picky = this->recorder();
  this->subscribe("events.*", plain);
  this->subscribe("events.process.*", picky, {.kinds = {"exec"}});
  this->publish("events.process.exec", this->event_text("exec"));
  this->publish("events.process.exit", this->event_text("exit"));
  this->publish("events.process.exit", "no event");
  this->publish("nobody/listens");
  this->settle(6);
  const auto numbers = this->bus_->statistics();
  EXPECT_EQ(numbers.published, 4U);
  EXPECT_EQ(numbers.publish_failed, 0U);
  EXPECT_EQ(numbers.matched, 6U);
  EXPECT_EQ(numbers.delivered, 4U);
  EXPECT_EQ(numbers.filtered, 1U);
  EXPECT_EQ(numbers.total_lost(), 1U);
  EXPECT_EQ(numbers.subscriptions, 2U);
  this->expect_balance();
}

TYPED_TEST_P(EventBusSuite, ASlowHandlerLosesWhatItsQueueCannotHoldAndIsTold) {
  this->remake({.queue_frames = 4, .on_fault = {}});
  const auto slow = this->recorder();
  const auto quick = this->recorder();
  slow->hold();
  this->subscribe("a", slow);
  this->subscribe("a", quick);
  this->publish("a", "0");
  ASSERT_TRUE(this->loop_.until([&] { return slow->entered() == 1; }));
  for (int i = 1; i < 10; ++i) {
    this->publish("a", std::to_string(i));
    ASSERT_TRUE(this->loop_.until([&] {
      return quick->messages().size() == static_cast<std::size_t>(i) + 1;
    })) << "a slow neighbour must not hold up a quick one";
  }
  EXPECT_EQ(this->bus_->statistics().lost_by(BusLoss::queue_full), 5U);
  this->expect_balance();
  slow->release();
  this->settle(20);
  this->publish("a", "10");
  this->settle(22);
  EXPECT_EQ(slow->payloads(), (Strings{"0", "1", "2", "3", "4", "10"}));
  EXPECT_EQ(slow->messages().back().lost_before, 5U);
  EXPECT_EQ(quick->messages().size(), 11U);
  this->expect_balance();
}

TYPED_TEST_P(EventBusSuite, BytesBoundAQueueToo) {
  this->remake({.queue_frames = 100, .queue_bytes = 1000, .on_fault = {}});
  const auto slow = this->recorder();
  slow->hold();
  this->subscribe("a", slow);
  this->publish("a", "first");
  ASSERT_TRUE(this->loop_.until([&] { return slow->entered() == 1; }));
  for (int i = 0; i < 3; ++i) this->publish("a", std::string(450, 'x'));
  ASSERT_TRUE(this->loop_.until([&] { return this->bus_->statistics().matched == 4; }));
  EXPECT_EQ(this->bus_->statistics().lost_by(BusLoss::queue_full), 1U);
  slow->release();
  this->settle(4);
}

TYPED_TEST_P(EventBusSuite, ASubscriptionThatWaitsLosesNothingAndKeepsItsOrder) {
  this->remake({.queue_frames = 4, .on_fault = {}});
  const auto slow = this->recorder();
  slow->hold();
  this->subscribe({.patterns = {"a"}, .when_full = WhenFull::wait}, slow);
  Strings sent;
  for (int i = 0; i < 10; ++i) sent.push_back(std::to_string(i));
  const auto published = this->publish_in_background("a", sent);
  ASSERT_TRUE(
      this->loop_.until([&] { return slow->entered() == 1 && this->bus_->statistics().queued == 5; }));
  this->loop_.context().poll();
  EXPECT_EQ(this->bus_->statistics().queued, 5U) << "one in the handler, and a full queue";
  EXPECT_EQ(this->bus_->statistics().total_lost(), 0U);
  slow->release();
  ASSERT_TRUE(this->loop_.until([&] { return slow->messages().size() == sent.size(); }));
  ASSERT_TRUE(this->loop_.until([&] { return *published == sent.size(); }));
  EXPECT_EQ(slow->payloads(), sent);
  EXPECT_EQ(this->bus_->statistics().total_lost(), 0U);
  this->expect_balance();
}

TYPED_TEST_P(EventBusSuite, ASubscriptionThatWaitsTakesAMessageThatIsLargerThanItsQueue) {
  this->remake({.queue_frames = 4, .queue_bytes = 100, .on_fault = {}});
  const auto got = this->recorder();
  this->subscribe({.patterns = {"a"}, .when_full = WhenFull::wait}, got);
  const Strings sent{std::string(1000, 'x'), "y", std::string(1000, 'z')};
  const auto published = this->publish_in_background("a", sent);
  ASSERT_TRUE(this->loop_.until([&] { return got->messages().size() == sent.size(); }));
  EXPECT_EQ(got->payloads(), sent);
  ASSERT_TRUE(this->loop_.until([&] { return *published == sent.size(); }));
}

TYPED_TEST_P(EventBusSuite, ShutdownEndsWhatWaitsForRoom) {
  this->remake({.queue_frames = 1, .on_fault = {}});
  const auto stuck = this->recorder();
  stuck->hold();
  this->subscribe({.patterns = {"a"}, .when_full = WhenFull::wait}, stuck);
  const auto published = this->publish_in_background("a", {"1", "2", "3"});
  ASSERT_TRUE(
      this->loop_.until([&] { return stuck->entered() == 1 && this->bus_->statistics().queued == 2; }));
  static_cast<void>(this->shut_down(std::chrono::milliseconds(10)));
  ASSERT_TRUE(this->loop_.until([&] { return *published == 3; })) << "nobody waits for a bus that has ended";
  stuck->release();
  ASSERT_TRUE(this->loop_.until([&] { return this->bus_->statistics().queued == 0; }));
}

TYPED_TEST_P(EventBusSuite, OneSubscriptionToSeveralPatternsGetsEachMessageOnceAndInOrder) {
  const auto got = this->recorder();
  const auto other = this->recorder();
  const auto id = this->subscribe({.patterns = {"events.*", "health.*", "events.process.*"}}, got);
  this->subscribe("health.*", other);
  const Strings topics = {"events.process.exec", "health.procmond", "events.process.exit"};
  for (const auto& topic : topics) this->publish(topic);
  this->settle(4);
  EXPECT_EQ(got->topics(), topics);
  ASSERT_TRUE(this->loop_.run(this->bus_->unsubscribe(id)).has_value());
  this->publish("events.process.exec");
  this->publish("health.procmond");
  this->settle(5);
  EXPECT_EQ(other->topics(), (Strings{"health.procmond", "health.procmond"}));
}

TYPED_TEST_P(EventBusSuite, AHandlerThatFailsSpendsItsMessageAndNothingElse) {
  const auto got = this->recorder();
  got->fail_next();
  this->subscribe("a", got);
  this->publish("a", "1");
  this->publish("a", "2");
  this->settle(2);
  EXPECT_EQ(got->payloads(), (Strings{"2"}));
  EXPECT_EQ(this->bus_->statistics().lost_by(BusLoss::handler_failed), 1U);
  this->expect_balance();
}

TYPED_TEST_P(EventBusSuite, WhatCannotBeRoutedIsRefused) {
  const auto got = this->recorder();
  for (const auto& bad :
       {std::string(), std::string("a\0b", 3), std::string("\xFF"), std::string(5000, 'x')}) {
    const auto published = this->loop_.run(this->bus_->publish(bad, "x"));
    ASSERT_FALSE(published.has_value());
    EXPECT_EQ(published.error().code, busrt::errc::data);
    const auto subscribed = this->loop_.run(this->bus_->subscribe({.patterns = {"a", bad}}, got->handler()));
    ASSERT_FALSE(subscribed.has_value());
    EXPECT_EQ(subscribed.error().code, busrt::errc::data);
  }
  EXPECT_EQ(this->bus_->statistics().publish_failed, 4U);
  EXPECT_EQ(this->bus_->statistics().subscriptions, 0U);
}

TYPED_TEST_P(EventBusSuite, AfterShutdownEverythingIsRefused) {
  const auto got = this->recorder();
  const auto id = this->subscribe("a", got);
  ASSERT_TRUE(this->shut_down().has_value());
  const auto published = this->loop_.run(this->bus_->publish("a", "x"));
  ASSERT_FALSE(published.has_value());
  EXPECT_EQ(published.error().code, busrt::errc::closed);
  const auto subscribed = this->loop_.run(this->bus_->subscribe({.patterns = {"a"}}, got->handler()));
  ASSERT_FALSE(subscribed.has_value());
  EXPECT_EQ(subscribed.error().code, busrt::errc::closed);
  EXPECT_EQ(this->loop_.run(this->bus_->unsubscribe(id)).error().code, busrt::errc::closed);
  EXPECT_TRUE(this->shut_down().has_value()) << "a second time changes nothing";
}

TYPED_TEST_P(EventBusSuite, ShutdownDrains) {
  const auto got = this->recorder();
  this->subscribe("a", got);
  for (int i = 0; i < 100; ++i) this->publish("a");
  ASSERT_TRUE(this->shut_down().has_value());
  EXPECT_EQ(got->messages().size(), 100U);
  EXPECT_EQ(this->bus_->statistics().total_lost(), 0U);
  this->expect_balance();
}

TYPED_TEST_P(EventBusSuite, ShutdownGivesUpOnAStuckHandlerAndCountsWhatIsLeft) {
  const auto stuck = this->recorder();
  stuck->hold();
  this->subscribe("a", stuck);
  for (int i = 0; i < 3; ++i) this->publish("a");
  ASSERT_TRUE(
      this->loop_.until([&] { return stuck->entered() == 1 && this->bus_->statistics().matched == 3; }));
  static_cast<void>(this->shut_down(std::chrono::milliseconds(10)));
  EXPECT_EQ(this->bus_->statistics().lost_by(BusLoss::shutdown), 2U);
  this->expect_balance();
  stuck->release();
  ASSERT_TRUE(this->loop_.until([&] { return this->bus_->statistics().queued == 0; }));
}

REGISTER_TYPED_TEST_SUITE_P(
    EventBusSuite, DeliversByPatternInBothNotations, PayloadsArriveByteForByte,
    AFilterHoldsBackWhatItDoesNotMatch, WhatIsOnNoEventTopicIsFilteredAndNotLost,
    WhatAFilterCannotReadIsLostWithItsCause, EverySubscriptionThatMatchesGetsAMessageOnce,
    UnsubscribingStopsDeliveryToThatSubscriptionAlone, WhatIsQueuedWhenASubscriptionEndsIsLostWithItsCause,
    KeepsTheOrder, StatisticsAddUp, ASlowHandlerLosesWhatItsQueueCannotHoldAndIsTold, BytesBoundAQueueToo,
    ASubscriptionThatWaitsLosesNothingAndKeepsItsOrder,
    ASubscriptionThatWaitsTakesAMessageThatIsLargerThanItsQueue, ShutdownEndsWhatWaitsForRoom,
    OneSubscriptionToSeveralPatternsGetsEachMessageOnceAndInOrder,
    AHandlerThatFailsSpendsItsMessageAndNothingElse, WhatCannotBeRoutedIsRefused,
    AfterShutdownEverythingIsRefused, ShutdownDrains, ShutdownGivesUpOnAStuckHandlerAndCountsWhatIsLeft);

}  // namespace daemoneye::event_bus::testing
