// Who gets what, of every broker: topics, masks, exclusions, secondaries, registration.
#include <string>
#include <thread>
#include <vector>

#include "broker_contract.hpp"
#include "busrt/limits.hpp"
#include "frames_between.hpp"

namespace busrt {
namespace {

using busrt_testing::Received;
using busrt_testing::WireClient;

TEST_P(BrokerContract, a_publication_arrives_with_its_sender_topic_and_payload) {
  start();
  auto subscriber = connect("subscriber");
  auto publisher = connect("publisher");
  ASSERT_EQ(subscriber.confirmed_topics(Op::subscribe, {"a/+"}), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, "a/b", std::string("x\0y", 3)), ok);
  const Received frame = subscriber.next_data();
  EXPECT_EQ(frame.kind, FrameKind::publish);
  EXPECT_EQ(frame.sender, "publisher");
  EXPECT_EQ(frame.topic, "a/b");
  EXPECT_EQ(frame.payload, std::string("x\0y", 3));
  EXPECT_FALSE(frame.realtime);
}

TEST_P(BrokerContract, a_frame_comes_once_though_several_patterns_match) {
  start();
  auto subscriber = connect("subscriber");
  auto publisher = connect("publisher");
  ASSERT_EQ(subscriber.confirmed_topics(Op::subscribe, {"#", "a/#", "a/b", "*"}), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, "a/b", "x"), ok);
  EXPECT_EQ(frames_between(publisher, subscriber, "subscriber").size(), 1U);
}

TEST_P(BrokerContract, exclusions_win_until_they_are_lifted) {
  start();
  auto subscriber = connect("subscriber");
  auto publisher = connect("publisher");
  ASSERT_EQ(subscriber.confirmed_topics(Op::subscribe, {"a/#"}), ok);
  ASSERT_EQ(subscriber.confirmed_topics(Op::exclude, {"a/secret/#", "a/x"}), ok);
  for (const auto* topic : {"a/b", "a/secret/key", "a/x"})
    ASSERT_EQ(publisher.confirmed(Op::publish, topic, ""), ok);
  EXPECT_EQ(topics_of(frames_between(publisher, subscriber, "subscriber")), std::vector<std::string>{"a/b"});
  ASSERT_EQ(subscriber.confirmed_topics(Op::unexclude, {"a/x"}), ok);
  for (const auto* topic : {"a/secret/key", "a/x"})
    ASSERT_EQ(publisher.confirmed(Op::publish, topic, ""), ok);
  EXPECT_EQ(topics_of(frames_between(publisher, subscriber, "subscriber")), std::vector<std::string>{"a/x"});
}

TEST_P(BrokerContract, unsubscribing_ends_delivery) {
  start();
  auto subscriber = connect("subscriber");
  auto publisher = connect("publisher");
  ASSERT_EQ(subscriber.confirmed_topics(Op::subscribe, {"a", "b"}), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, "a", ""), ok);
  ASSERT_EQ(subscriber.confirmed_topics(Op::unsubscribe, {"a"}), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, "a", ""), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, "b", ""), ok);
  EXPECT_EQ(topics_of(frames_between(publisher, subscriber, "subscriber")),
            (std::vector<std::string>{"a", "b"}));
}

TEST_P(BrokerContract, publish_for_reaches_the_named_primary_and_its_secondaries_alone) {
  start();
  auto wanted = connect("wanted");
  auto second = connect("wanted%%1");
  auto other = connect("other");
  auto publisher = connect("publisher");
  for (WireClient* client : {&wanted, &second, &other})
    ASSERT_EQ(client->confirmed_topics(Op::subscribe, {"t"}), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish_for, "t", "payload", "wanted"), ok);
  EXPECT_EQ(wanted.next_data().payload, "payload");
  EXPECT_EQ(second.next_data().payload, "payload");
  EXPECT_TRUE(frames_between(publisher, other, "other").empty());
}

TEST_P(BrokerContract, a_broadcast_follows_the_mask) {
  start();
  auto first = connect("group.one");
  auto second = connect("group.two.deep");
  auto other = connect("alone");
  auto sender = connect("sender");
  ASSERT_EQ(sender.confirmed(Op::broadcast, "group.?", "one"), ok);
  ASSERT_EQ(sender.confirmed(Op::broadcast, "group.*", "all"), ok);
  const Received frame = first.next_data();
  EXPECT_EQ(frame.kind, FrameKind::broadcast);
  EXPECT_EQ(frame.payload, "one");
  EXPECT_EQ(first.next_data().payload, "all");
  EXPECT_EQ(second.next_data().payload, "all");
  EXPECT_TRUE(frames_between(sender, other, "alone").empty());
}

TEST_P(BrokerContract, a_message_to_nobody_is_refused_or_counted) {
  start();
  auto sender = connect("sender");
  EXPECT_EQ(sender.confirmed(Op::message, "nobody", "x"), static_cast<std::uint8_t>(errc::not_registered));
  const auto lost = [](const BrokerStats& stats) {
    return stats.lost[static_cast<std::size_t>(LossCause::not_registered)];
  };
  EXPECT_TRUE(counts([&](const BrokerStats& stats) { return lost(stats) == 0; })) << "the sender was told";
  sender.send(Op::message, "nobody", "x", QoS::no);
  EXPECT_TRUE(counts([&](const BrokerStats& stats) { return lost(stats) == 1; }));
}

TEST_P(BrokerContract, publishing_to_no_subscriber_is_ok) {
  start();
  auto sender = connect("sender");
  EXPECT_EQ(sender.confirmed(Op::publish, "nobody/listens", "x"), ok);
  EXPECT_EQ(sender.confirmed(Op::broadcast, "no.such.?", "x"), ok);
}

TEST_P(BrokerContract, a_taken_name_is_refused_and_its_holder_stays) {
  start();
  auto holder = connect("name");
  WireClient second(channel());
  EXPECT_EQ(second.register_as("name"), errc::busy);
  EXPECT_TRUE(second.wait_for_close());
  EXPECT_EQ(holder.confirmed(Op::message, "name", "still here"), ok);
  EXPECT_EQ(holder.next_data().payload, "still here");
}

TEST_P(BrokerContract, force_register_displaces_the_earlier_client_and_its_secondaries) {
  start({.force_register = true});
  auto first = connect("name");
  auto secondary = connect("name%%x");
  ASSERT_EQ(first.confirmed_topics(Op::subscribe, {"t"}), ok);
  auto second = connect("name");
  EXPECT_TRUE(first.wait_for_close());
  EXPECT_TRUE(secondary.wait_for_close());
  EXPECT_EQ(second.confirmed(Op::message, "name", "x"), ok);
  EXPECT_EQ(second.next_data().payload, "x");
}

TEST_P(BrokerContract, a_secondary_needs_its_primary_and_leaves_with_it) {
  start();
  WireClient early(channel());
  EXPECT_EQ(early.register_as("main%%1"), errc::not_registered);
  auto primary = std::make_unique<WireClient>(channel(), "main");
  auto secondary = connect("main%%1");
  EXPECT_EQ(secondary.confirmed(Op::message, "main%%1", "to myself"), ok);
  EXPECT_EQ(secondary.next_data().sender, "main%%1");
  primary.reset();
  EXPECT_TRUE(secondary.wait_for_close());
  EXPECT_TRUE(counts([](const BrokerStats& stats) { return stats.clients == 0; }));
}

TEST_P(BrokerContract, frames_of_one_sender_keep_their_order) {
  start();
  auto subscriber = connect("subscriber");
  auto publisher = connect("publisher");
  ASSERT_EQ(subscriber.confirmed_topics(Op::subscribe, {"t/#"}), ok);
  for (int i = 0; i < 2000; ++i) publisher.send(Op::publish, i % 2 == 0 ? "t/a" : "t/b", std::to_string(i));
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(subscriber.next_data().payload, std::to_string(i));
}

TEST_P(BrokerContract, large_frames_arrive_whole_and_are_shared_by_receivers) {
  start();
  auto first = connect("first");
  auto second = connect("second");
  auto publisher = connect("publisher");
  for (WireClient* client : {&first, &second})
    ASSERT_EQ(client->confirmed_topics(Op::subscribe, {"big"}), ok);
  for (const std::size_t size :
       {std::size_t{4000}, std::size_t{5000}, std::size_t{70'000}, std::size_t{3'000'000}}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; i += 997) payload[i] = static_cast<char>('a' + i % 23);
    publisher.send(Op::publish, "big", payload);
    publisher.send(Op::publish, "big", "small one behind it");
    for (WireClient* client : {&first, &second}) {
      EXPECT_EQ(client->next_data().payload, payload);
      EXPECT_EQ(client->next_data().payload, "small one behind it");
    }
  }
}

TEST_P(BrokerContract, the_broker_announces_who_comes_and_goes) {
  start();
  auto watcher = connect("watcher");
  ASSERT_EQ(watcher.confirmed_topics(Op::subscribe, {".broker/info"}), ok);
  {
    auto visitor = connect("visitor");
    auto secondary = connect("visitor%%1");
  }
  const Received came = watcher.next_data();
  EXPECT_EQ(came.sender, ".broker");
  EXPECT_EQ(came.topic, ".broker/info");
  EXPECT_NE(came.payload.find("reg"), std::string::npos);
  EXPECT_NE(came.payload.find("visitor"), std::string::npos);
  const Received went = watcher.next_data();
  EXPECT_NE(went.payload.find("unreg"), std::string::npos);
  EXPECT_EQ(went.payload.find("%%"), std::string::npos) << "secondaries are not announced";
}

TEST_P(BrokerContract, a_shutdown_is_announced_to_everybody_before_it_happens) {
  start();
  auto client = connect("client");
  std::thread stopper([&] { broker_->shutdown(); });
  const Received last = client.next_data();
  EXPECT_EQ(last.topic, ".broker/warn");
  EXPECT_NE(last.payload.find("shutdown"), std::string::npos);
  EXPECT_TRUE(client.wait_for_close());
  stopper.join();
}

std::string pattern(int number) {
  return "p/" + std::to_string(number) + "/x";
}
/// One frame with the patterns `first` to `last`, `last` left out.
std::uint8_t patterns(WireClient& client, Op op, int first, int last) {
  std::vector<std::string> texts;
  for (int i = first; i < last; ++i) texts.push_back(pattern(i));
  return client.confirmed_topics(op, {texts.begin(), texts.end()});
}

TEST_P(BrokerContract, a_list_longer_than_a_turn_is_in_force_as_a_whole_and_acked_once) {
  start();
  auto many = connect("many");
  auto publisher = connect("publisher");
  constexpr int count = static_cast<int>(limits::patterns_per_turn) * 5 + 7;
  ASSERT_EQ(patterns(many, Op::subscribe, 0, count), ok);
  for (int i = 0; i < count; ++i) publisher.send(Op::publish, pattern(i), std::to_string(i));
  for (int i = 0; i < count; ++i) ASSERT_EQ(many.next_data().payload, std::to_string(i));
  ASSERT_EQ(patterns(many, Op::exclude, 0, count - 1), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, pattern(0), "excluded"), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, pattern(count - 1), "last"), ok);
  EXPECT_EQ(many.next_data().payload, "last");
  ASSERT_EQ(patterns(many, Op::unexclude, 0, count), ok);
  ASSERT_EQ(patterns(many, Op::unsubscribe, 1, count), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, pattern(1), "unsubscribed"), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, pattern(0), "first"), ok);
  EXPECT_EQ(many.next_data().payload, "first");
}

TEST_P(BrokerContract, frames_behind_a_long_list_keep_their_place) {
  start();
  auto many = connect("many");
  constexpr int count = static_cast<int>(limits::patterns_per_turn) * 3;
  std::vector<std::string> texts;
  for (int i = 0; i < count; ++i) texts.push_back(pattern(i));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  many.topics(Op::subscribe, views, QoS::no);
  many.send(Op::publish, pattern(count - 1), "to myself");
  many.topics(Op::unsubscribe, views, QoS::no);
  many.send(Op::publish, pattern(count - 1), "too late");
  many.send(Op::message, "many", "end");
  EXPECT_EQ(many.next_data().payload, "to myself");
  EXPECT_EQ(many.next_data().payload, "end");
}

}  // namespace
}  // namespace busrt
