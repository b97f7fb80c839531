// What one client may take of the broker: patterns, memory, connections, names of topics and lines of the
// log.
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "broker_fixture.hpp"
#include "hostile_peers.hpp"
#include "wire/codec.hpp"

namespace busrt {
namespace {

class BrokerLimits : public BrokerTest {
 protected:
  [[nodiscard]] static std::string pattern(int number) { return "p/" + std::to_string(number) + "/x"; }
  /// One frame with the patterns `first` to `last`, `last` left out.
  static std::uint8_t topics(WireClient& client, Op op, int first, int last) {
    std::vector<std::string> texts;
    for (int i = first; i < last; ++i) texts.push_back(pattern(i));
    const std::vector<std::string_view> views(texts.begin(), texts.end());
    return client.confirmed_topics(op, views);
  }
  [[nodiscard]] bool closed_once(CloseReason reason) const {
    return eventually([&] { return broker_->stats().closed_for(reason) == 1; });
  }
};
INSTANTIATE_TEST_SUITE_P(All, BrokerLimits, testing::ValuesIn(all_variants()),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerLimits, patterns_beyond_the_limit_are_refused_and_those_before_it_hold) {
  start({.max_patterns = 3000, .log = {}});
  auto greedy = connect("greedy");
  auto modest = connect("modest");
  EXPECT_EQ(topics(greedy, Op::subscribe, 0, 5000), busy);
  EXPECT_TRUE(logged("greedy would hold more topic patterns"));
  // What it holds already may be asked for again, and counts once; the broker's own warnings are one of them.
  EXPECT_EQ(topics(greedy, Op::subscribe, 0, 2999), ok);
  EXPECT_EQ(topics(greedy, Op::exclude, 0, 1), busy) << "exclusions count as well";
  EXPECT_EQ(topics(modest, Op::subscribe, 0, 10), ok);
  EXPECT_EQ(modest.confirmed(Op::publish, pattern(2998), "within"), ok);
  EXPECT_EQ(greedy.next_data().payload, "within");
  EXPECT_EQ(topics(greedy, Op::unsubscribe, 0, 1), ok);
  EXPECT_EQ(topics(greedy, Op::subscribe, 5000, 5001), ok);
}

TEST_P(BrokerLimits, what_a_client_with_many_patterns_held_is_given_back_when_it_leaves) {
  start();
  auto publisher = connect("publisher");
  ASSERT_EQ(publisher.confirmed(Op::publish, "warm", ""), ok);
  const std::uint64_t before = broker_->stats().memory_bytes;
  for (const Op op : {Op::subscribe, Op::exclude}) {
    auto many = connect("many");
    ASSERT_EQ(topics(many, op, 0, 20'000), ok);
    EXPECT_GT(info("many").memory_bytes, 20'000 * limits::pattern_overhead_bytes);
    EXPECT_GT(broker_->stats().memory_bytes, before + 20'000 * limits::pattern_overhead_bytes);
    many.close();
    EXPECT_TRUE(eventually([&] { return broker_->stats().memory_bytes <= before; }));
  }
  // Its place in the table is free again, and empty.
  auto next = connect("next");
  ASSERT_EQ(publisher.confirmed(Op::publish, pattern(1), "for nobody"), ok);
  ASSERT_EQ(next.confirmed_topics(Op::subscribe, {"p/#"}), ok);
  ASSERT_EQ(publisher.confirmed(Op::publish, pattern(2), "not excluded"), ok);
  EXPECT_EQ(next.next_data().payload, "not excluded");
}

TEST_P(BrokerLimits, APatternIsChargedForEveryNodeThatItMayNeed) {
  start();
  auto client = connect("client");
  const auto holds = [this](std::uint64_t bytes) {
    return eventually([&] { return info("client").memory_bytes == bytes; });
  };
  EXPECT_TRUE(eventually([&] { return info("client").queue == 0; }));
  const std::uint64_t before = info("client").memory_bytes;
  std::string deep = "1";
  for (std::size_t i = 1; i + 1 < limits::max_topic_segments; ++i) deep += "/1";
  ASSERT_EQ(client.confirmed_topics(Op::subscribe, {deep}), ok);
  const std::uint64_t literal = limits::pattern_overhead_bytes + deep.size();
  EXPECT_TRUE(holds(before + literal)) << "found by one lookup, whatever it holds";
  deep += "/+";
  ASSERT_EQ(client.confirmed_topics(Op::subscribe, {deep}), ok);
  const std::uint64_t nodes = limits::pattern_segment_bytes * (limits::max_topic_segments - 1);
  EXPECT_TRUE(holds(before + literal + limits::pattern_overhead_bytes + deep.size() + nodes));
  ASSERT_EQ(client.confirmed_topics(Op::unsubscribe, {deep}), ok);
  EXPECT_TRUE(holds(before + literal));
}

TEST_P(BrokerLimits, AFrameThatIsBeingGatheredIsChargedByWhatHasArrived) {
  start();
  auto client = connect("client");
  EXPECT_TRUE(eventually([&] { return info("client").queue == 0; }));
  const std::uint64_t before = info("client").memory_bytes;
  const std::string frame = frame_bytes(Op::publish, std::string(4U << 20, 'x'));
  std::size_t arrived = 0;
  for (const std::size_t piece :
       {std::size_t{9}, std::size_t{1000}, std::size_t{20'000}, std::size_t{3U << 20}}) {
    client.write_raw(std::string_view(frame).substr(arrived, piece));
    arrived += piece;
    EXPECT_TRUE(eventually([&] { return info("client").memory_bytes >= before + arrived; })) << arrived;
    EXPECT_LE(info("client").memory_bytes, before + 2 * arrived + (16U << 10)) << arrived;
  }
}

TEST_P(BrokerLimits, a_client_over_its_memory_limit_is_disconnected_and_named) {
  start({.client_memory_bytes = 1U << 20, .log = {}});
  auto watcher = connect("watcher");
  auto hoarder = connect("hoarder");
  std::thread writer([&] {
    try {
      hoarder.send(Op::publish, "t", std::string(8U << 20, 'x'));
    } catch (const std::exception&) {
      // The broker ends it before all of it is taken.
    }
  });
  EXPECT_TRUE(closed_once(CloseReason::over_memory));
  writer.join();
  const Received warning = watcher.next_data();
  EXPECT_EQ(warning.topic, ".broker/warn");
  EXPECT_NE(warning.payload.find("over_memory"), std::string::npos);
  EXPECT_NE(warning.payload.find("hoarder"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return logged("hoarder"); }));
  EXPECT_TRUE(logged("1048576 for a client"));
}

TEST_P(BrokerLimits, when_the_broker_is_over_its_budget_the_largest_holder_goes_and_nobody_else) {
  start({.memory_bytes = 8U << 20, .log = {}});
  auto watcher = connect("watcher");
  auto hoarder = connect("hoarder");
  auto small = connect("small");
  auto publisher = connect("publisher");
  ASSERT_EQ(hoarder.confirmed_topics(Op::subscribe, {"t"}), ok);
  ASSERT_EQ(small.confirmed_topics(Op::subscribe, {"s"}), ok);
  // Neither reads; one of them is sent much more than all may hold.
  ASSERT_EQ(publisher.confirmed(Op::publish, "s", std::string(1U << 20, 'x')), ok);
  const std::string payload(100'000, 'x');
  for (int i = 0; i < 300; ++i) ASSERT_EQ(publisher.confirmed(Op::publish, "t", payload), ok);
  EXPECT_TRUE(closed_once(CloseReason::over_memory));
  EXPECT_EQ(watcher.next_data().topic, ".broker/warn");
  EXPECT_TRUE(eventually([&] { return logged("client hoarder"); }));
  EXPECT_TRUE(eventually([&] { return broker_->stats().memory_bytes <= 8U << 20; }));
  EXPECT_GT(lost(LossCause::receiver_closed), 0U) << "what it was owed is counted";
  EXPECT_EQ(small.next_data().payload.size(), 1U << 20);
}

TEST_P(BrokerLimits, a_broker_whose_clients_have_gone_holds_nothing) {
  start();
  {
    auto reader = connect("reader");
    auto publisher = connect("publisher");
    ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t", "u/#"}), ok);
    ASSERT_EQ(reader.confirmed_topics(Op::exclude, {"u/x"}), ok);
    for (int i = 0; i < 100; ++i)
      ASSERT_EQ(publisher.confirmed(Op::publish, "t", std::string(10'000, 'x')), ok);
    EXPECT_GT(broker_->stats().memory_bytes, 0U);
    reader.close();
    publisher.close();
  }
  EXPECT_TRUE(eventually([&] { return broker_->stats().memory_bytes == 0; }));
  EXPECT_EQ(broker_->stats().clients, 0U);
}

TEST_P(BrokerLimits, clients_cannot_publish_on_the_brokers_own_topics) {
  start();
  auto forger = connect("forger");
  auto victim = connect("victim");
  ASSERT_EQ(victim.confirmed_topics(Op::subscribe, {"#"}), ok);
  EXPECT_EQ(forger.confirmed(Op::publish, ".broker/warn", "shutdown"), denied);
  EXPECT_EQ(forger.confirmed(Op::publish_for, ".broker/info", "x", "victim"), denied);
  forger.send(Op::publish, ".broker/warn", "unconfirmed");
  EXPECT_EQ(forger.confirmed(Op::publish, ".brokers", "a topic like any other"), ok);
  // What the broker itself says of who came may be among it.
  Received got = victim.next_data();
  while (got.sender == broker_name) got = victim.next_data();
  EXPECT_EQ(got.topic, ".brokers");
  EXPECT_EQ(lost(LossCause::access_denied), 3U);
  EXPECT_EQ(info("forger").lost[static_cast<std::size_t>(LossCause::access_denied)], 3U);
}

TEST_P(BrokerLimits, names_cannot_forge_lines_of_the_log) {
  start();
  auto forger = connect("a\n\x1b[2Jclient root registered");
  ASSERT_TRUE(eventually([&] { return logged("registered"); }));
  EXPECT_TRUE(logged("a\\x0a\\x1b[2Jclient root"));
  EXPECT_FALSE(logged("\n"));
  EXPECT_FALSE(logged("\x1b"));
}

TEST_P(BrokerLimits, a_client_is_not_called_silent_for_the_brokers_own_lateness) {
  // The log's sink holds the broker's thread up for longer than any client may be silent.
  constexpr std::chrono::milliseconds timeout(100);
  std::promise<void> stalled;
  std::promise<void> go_on;
  std::atomic<bool> armed{false};
  on_log_ = [&](std::string_view line) {
    if (line.find("registered: staller") == std::string_view::npos || !armed.exchange(false)) return;
    stalled.set_value();
    go_on.get_future().wait();
  };
  start({.timeout = timeout, .log = {}});
  std::vector<WireClient> innocents;
  for (std::size_t i = 0; i < GetParam().shards * 2; ++i)
    innocents.push_back(connect("innocent" + std::to_string(i)));
  armed = true;
  std::thread staller([&] {
    try {
      WireClient client(channel(), "staller");
    } catch (const std::exception&) {
      // It may be too late itself; it is not what this is about.
    }
  });
  stalled.get_future().wait();
  // All speak as they should while their broker does not listen, for longer than anybody may be silent.
  const auto begin = std::chrono::steady_clock::now();
  for (int quarter = 0; quarter < 16; ++quarter) {
    for (WireClient& innocent : innocents) innocent.ping();
    while (std::chrono::steady_clock::now() < begin + quarter * timeout / 4) std::this_thread::yield();
  }
  go_on.set_value();
  for (WireClient& innocent : innocents) EXPECT_EQ(innocent.confirmed(Op::publish, "still", "here"), ok);
  staller.join();
  EXPECT_EQ(broker_->stats().closed_for(CloseReason::silent), 0U);
}

class BrokerConnections : public BrokerTest {
 protected:
  /// A publication on a/b without its payload.
  static std::string unfinished_publish(std::size_t payload) {
    std::string bytes("\1\0\0\0\1\0\0\0\0a/b\0", 13);
    wire::store_u32(reinterpret_cast<std::byte*>(bytes.data() + 5), static_cast<std::uint32_t>(payload + 4));
    return bytes;
  }
};
INSTANTIATE_TEST_SUITE_P(Unix, BrokerConnections, testing::Values(Variant{"unix_1_shard", 1, false}),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerConnections, more_than_the_limit_are_turned_away_until_one_leaves) {
  start({.max_connections = 3, .log = {}});
  auto first = connect("first");
  auto second = connect("second");
  WireClient third = connect("third");
  WireClient fourth(channel());
  EXPECT_TRUE(fourth.wait_for_close());
  EXPECT_EQ(broker_->stats().refused[static_cast<std::size_t>(RefusalReason::too_many)], 1U);
  EXPECT_TRUE(logged("there are 3, the limit in all"));
  EXPECT_EQ(broker_->stats().connections, 3U);
  // The embedding program itself is never locked out.
  WireClient inside(busrt_testing::connect_inproc(broker_->local()), "inside");
  third.close();
  ASSERT_TRUE(eventually([&] { return broker_->stats().connections == 2; }));
  auto again = connect("again");
  EXPECT_EQ(again.confirmed(Op::message, "inside", "hello"), ok);
}

TEST_P(BrokerConnections, those_that_never_greet_cost_nobody_who_has_registered) {
  constexpr std::size_t places = 64;
  start({.timeout = std::chrono::seconds(60), .memory_bytes = places * limits::connection_bytes, .log = {}});
  std::vector<WireClient> innocents;
  for (int i = 0; i < 5; ++i) innocents.push_back(connect("innocent" + std::to_string(i)));
  std::vector<WireClient> silent;
  for (std::size_t i = 0; i < places; ++i) silent.emplace_back(channel());
  const auto refused = [this] {
    return broker_->stats().refused[static_cast<std::size_t>(RefusalReason::over_memory)];
  };
  EXPECT_TRUE(eventually([&] { return refused() >= 5; }));
  EXPECT_TRUE(logged("the limit for all is " + std::to_string(places * limits::connection_bytes)));
  // What the innocents need makes the newcomers go, the oldest first.
  for (WireClient& innocent : innocents) {
    ASSERT_EQ(innocent.confirmed_topics(Op::subscribe, {"a/#"}), ok);
  }
  const std::string text(60'000, 'x');
  const std::string frame = unfinished_publish(text.size()) + text;
  innocents[0].write_raw(frame.substr(0, 40'000));
  EXPECT_TRUE(eventually([&] { return broker_->stats().closed_for(CloseReason::over_memory) > 0; }));
  innocents[0].write_raw(frame.substr(40'000));
  for (WireClient& innocent : innocents) {
    EXPECT_EQ(innocent.next_data().payload.size(), text.size());
    EXPECT_EQ(innocent.confirmed(Op::publish, "still", "here"), ok);
  }
  EXPECT_EQ(broker_->stats().clients, 5U);
  EXPECT_TRUE(silent.front().wait_for_close());
  EXPECT_TRUE(logged("connections that have not registered are closed"));
}

TEST_P(BrokerConnections, nobody_goes_who_holds_hardly_more_than_being_connected_costs) {
  constexpr std::uint64_t budget = 256U << 10;
  start({.memory_bytes = budget, .log = {}});
  std::vector<WireClient> small;
  for (int i = 0; i < 10; ++i) small.push_back(connect("small" + std::to_string(i)));
  auto hoarder = connect("hoarder");
  // Half a frame of more than everybody together may hold.
  try {
    hoarder.send(Op::publish, "t", std::string(4 * budget, 'x'));
  } catch (const std::exception&) {
    // It is closed while it sends.
  }
  EXPECT_TRUE(eventually([&] { return broker_->stats().closed_for(CloseReason::over_memory) == 1; }));
  EXPECT_TRUE(hoarder.wait_for_close());
  for (WireClient& each : small) EXPECT_EQ(each.confirmed(Op::publish, "still", "here"), ok);
}

}  // namespace
}  // namespace busrt
