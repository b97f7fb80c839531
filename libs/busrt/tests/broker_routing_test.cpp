// Who gets what from our broker, beyond what holds of every one (broker_contract_routing_test.cpp).
#include <string>

#include "broker_fixture.hpp"
#include "frames_between.hpp"

namespace busrt {
namespace {

class BrokerRouting : public BrokerTest {};
INSTANTIATE_TEST_SUITE_P(All, BrokerRouting, testing::ValuesIn(all_variants()),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerRouting, both_notations_live_on_one_bus) {
  start();
  auto subscriber = connect("subscriber");
  auto publisher = connect("publisher");
  ASSERT_EQ(subscriber.confirmed_topics(Op::subscribe, {"events.process.*", "unit/#"}), ok);
  for (const auto* topic :
       {"events.process", "events.process.new", "events.process.a.b", "unit", "unit/a", "unit/a/b", "a//b"}) {
    ASSERT_EQ(publisher.confirmed(Op::publish, topic, "x"), ok);
  }
  EXPECT_EQ(topics_of(frames_between(publisher, subscriber, "subscriber")),
            (std::vector<std::string>{"events.process.new", "events.process.a.b", "unit/a", "unit/a/b"}));
}

TEST_P(BrokerRouting, the_instances_of_a_name_are_counted) {
  start({.force_register = true, .log = {}});
  auto primary = connect("main");
  auto secondary = connect("main%%1");
  EXPECT_EQ(info("main").instances, 2U);
  auto next = connect("main");
  EXPECT_TRUE(secondary.wait_for_close());
  EXPECT_EQ(info("main").instances, 1U);
}

TEST_P(BrokerRouting, after_a_shutdown_nothing_listens_any_more) {
  start();
  broker_->shutdown();
  EXPECT_FALSE(broker_->listen(socket_));
}

}  // namespace
}  // namespace busrt
