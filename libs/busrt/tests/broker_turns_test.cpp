// What one client's frames may cost the others: a bound for each frame, and turns between many.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <vector>

#include "broker_fixture.hpp"
#include "hostile_peers.hpp"

namespace busrt {
namespace {

/// The pattern of `segments` segments that has a `+` where `bits`, its highest bit first, has a bit set.
std::string arranged(unsigned bits, unsigned segments) {
  std::string pattern;
  for (unsigned i = segments; i-- != 0;) {
    pattern += (bits >> i & 1U) != 0 ? '+' : 'a';
    if (i != 0) pattern += '/';
  }
  return pattern;
}

std::vector<std::string> all_arranged(unsigned segments, const std::string& end) {
  std::vector<std::string> patterns;
  for (unsigned bits = 0; bits < 1U << segments; ++bits) patterns.push_back(arranged(bits, segments) + end);
  return patterns;
}

std::uint8_t subscribe(WireClient& client, const std::vector<std::string>& patterns) {
  return client.confirmed_topics(Op::subscribe, {patterns.begin(), patterns.end()});
}

class BrokerTurns : public BrokerTest {
 protected:
  /// With a gate between the shard and its work: the shard stops in the log line of the client "gate", which
  /// ends, until let_shard_go_on().
  void start_with_gate() {
    on_log_ = [this](std::string_view line) {
      if (line.find("client gate ") == std::string_view::npos) return;
      stopped_.set_value();
      go_on_.get_future().wait();
    };
    start();
  }
  void stop_shard() {
    auto gate = connect("gate");
    gate.write_raw(std::string(9, '\xFF'));
    stopped_.get_future().wait();
  }
  void let_shard_go_on() { go_on_.set_value(); }

  /// When the shard goes on it finds `attack` first, and then one frame of another client. That frame must be
  /// delivered before the attack's last one.
  void expect_that_another_has_its_turn(WireClient& attacker, std::string attack) {
    auto other = connect("other");
    auto receiver = connect("receiver");
    ASSERT_EQ(receiver.confirmed_topics(Op::subscribe, {"end"}), ok);
    attack += frame_bytes(Op::publish, std::string("end\0attacker", 12), QoS::no);
    stop_shard();
    attacker.write_raw(attack);
    other.send(Op::publish, "end", "other");
    let_shard_go_on();
    EXPECT_EQ(receiver.next_data().payload, "other");
    EXPECT_EQ(receiver.next_data().payload, "attacker") << "and nothing of it is lost";
  }

  std::promise<void> stopped_;
  std::promise<void> go_on_;
};
// On one shard they can be in each other's way.
INSTANTIATE_TEST_SUITE_P(All, BrokerTurns,
                         testing::Values(Variant{"ipc_1_shard", 1, false},
                                         Variant{"inproc_1_shard", 1, true}),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerTurns, AreTakenWhilePublishesThatAreCostlyToRouteAreWorkedOff) {
  start_with_gate();
  auto attacker = connect("attacker");
  ASSERT_EQ(subscribe(attacker, all_arranged(9, "/z")), ok) << "nearly all shapes that a client may use";
  std::string attack;
  constexpr std::size_t frames = 1000;
  for (std::size_t i = 0; i < frames; ++i) {
    const std::string topic = arranged(0, 9) + "/" + std::to_string(i);
    attack += frame_bytes(Op::publish, topic + '\0', QoS::no);
  }
  expect_that_another_has_its_turn(attacker, attack);
  // Each visits 1,022 nodes, and no more.
  EXPECT_GE(broker_->stats().yields, frames * 1000 / limits::turn_steps - 2);
  EXPECT_LE(broker_->stats().yields, frames * 1100 / limits::turn_steps + 1);
}

TEST_P(BrokerTurns, AreTakenWhileOneFrameAfterTheOtherGoesToMany) {
  start_with_gate();
  std::vector<WireClient> readers;
  for (int i = 0; i < 200; ++i) {
    readers.push_back(connect("reader" + std::to_string(i)));
    ASSERT_EQ(readers.back().confirmed_topics(Op::subscribe, {"news"}), ok);
  }
  auto attacker = connect("attacker");
  std::string attack;
  for (int i = 0; i < 1000; ++i) attack += frame_bytes(Op::publish, std::string("news\0", 5), QoS::no);
  expect_that_another_has_its_turn(attacker, attack);
  EXPECT_GE(broker_->stats().yields, 5U);
}

TEST_P(BrokerTurns, AreTakenWhileBroadcastsWithDistinctMasksAreWorkedOff) {
  start_with_gate();
  auto attacker = connect("attacker");
  std::string attack;
  for (int i = 0; i < 5000; ++i)
    attack += frame_bytes(Op::broadcast, "x" + std::to_string(i) + ".?" + '\0', QoS::no);
  expect_that_another_has_its_turn(attacker, attack);
  EXPECT_GE(broker_->stats().yields, 5000 * limits::lookup_steps / limits::turn_steps);
}

TEST_P(BrokerTurns, AreTakenWhileManySubscribesOfOnePatternEachAreWorkedOff) {
  start_with_gate();
  auto attacker = connect("attacker");
  std::string attack;
  for (int i = 0; i < 5000; ++i)
    attack += frame_bytes(Op::subscribe, "p/" + std::to_string(i) + "/+", QoS::no);
  expect_that_another_has_its_turn(attacker, attack);
  EXPECT_GE(broker_->stats().yields, 5000 / limits::patterns_per_turn);
}

class BrokerShapes : public BrokerTest {};
INSTANTIATE_TEST_SUITE_P(All, BrokerShapes, testing::ValuesIn(all_variants()),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerShapes, BeyondAClientsLimitAreRefusedNamedAndCountedAndNothingElseChanges) {
  start();
  auto greedy = connect("greedy");
  ASSERT_EQ(subscribe(greedy, all_arranged(9, "/+")), ok) << "512 shapes of nine segments, 512 of ten";
  EXPECT_EQ(broker_->stats().patterns_refused, 0U);
  const std::string one_more = arranged(1, 9) + "/a/b/+";
  EXPECT_EQ(greedy.confirmed_topics(Op::subscribe, {one_more}), busy);
  EXPECT_EQ(greedy.confirmed_topics(Op::exclude, {one_more}), busy) << "exclusions count as well";
  EXPECT_EQ(broker_->stats().patterns_refused, 2U);
  EXPECT_TRUE(eventually([&] {
    return logged(
        "client greedy would hold patterns whose fronts of more than 8 segments place their wildcards in "
        "more "
        "ways than those of one client may, 1024");
  }));
  // Other words in the same places, and any pattern of eight segments, cost nothing more.
  EXPECT_EQ(greedy.confirmed_topics(Op::subscribe, {"b/b/b/b/b/b/b/b/+/+", arranged(0x5A, 8)}), ok);
  EXPECT_EQ(greedy.confirmed(Op::publish, "b/b/b/b/b/b/b/b/x/y", "x"), ok);
  EXPECT_EQ(greedy.next_data().payload, "x");
  // What is given back may be used again, here the four shapes of two patterns for three of one.
  ASSERT_EQ(greedy.confirmed_topics(Op::unsubscribe, {arranged(2, 9) + "/+", arranged(3, 9) + "/+"}), ok);
  EXPECT_EQ(greedy.confirmed_topics(Op::subscribe, {one_more}), ok);
}

TEST_P(BrokerShapes, OfAllClientsAreLimitedAndShortPatternsNeverAre) {
  start();
  // Thirteen segments have more shapes than all may use; each client takes as many as it gets.
  std::vector<WireClient> greedy;
  unsigned next = 0;
  while (broker_->stats().patterns_refused == greedy.size()) {
    greedy.push_back(connect("greedy" + std::to_string(greedy.size())));
    while (greedy.back().confirmed_topics(Op::subscribe, {arranged(next, 13)}) == ok) ++next;
    if (logged("those of all clients together may, 8192")) break;
  }
  EXPECT_GE(greedy.size(), limits::all_shapes / limits::client_shapes);
  auto modest = connect("modest");
  const std::string deep = arranged(0x1FFF, 13);
  EXPECT_EQ(modest.confirmed_topics(Op::subscribe, {deep}), busy);
  EXPECT_EQ(subscribe(modest, all_arranged(8, "")), ok);
  EXPECT_EQ(modest.confirmed_topics(Op::subscribe, {arranged(next - 1, 13)}), ok) << "a shape that is there";
  greedy.front().close();
  EXPECT_TRUE(eventually([&] { return modest.confirmed_topics(Op::subscribe, {deep}) == ok; }));
}

}  // namespace
}  // namespace busrt
