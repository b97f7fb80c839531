// What a runtime publishes: every event once and in order, or its loss; whatever happens to the bus.

#include <filesystem>
#include <stdexcept>
#include <thread>

#include "busrt/access.hpp"
#include "daemoneye/events/committed.hpp"
#include "daemoneye/events/topics.hpp"
#include "runtime_fixture.hpp"

namespace daemoneye::collector::testing {
namespace {

/// A directory of the test's own, removed at its end.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "daemoneye-collector-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST_F(RuntimeTest, AnObservationArrivesWithItsEnvelope) {
  Observer observer(loop_, broker_->local());
  start_and_settle(config());
  ASSERT_TRUE(feed_->emit({.kind = "exec",
                           .time = std::chrono::system_clock::time_point(1s),
                           .data = {{"pid", 42}},
                           .correlation_id = "c1"}));
  ASSERT_TRUE(loop_.until([&] { return observer.events.size() == 1; }));
  const auto& event = observer.events[0];
  EXPECT_EQ(event.collector, "testmond");
  EXPECT_EQ(event.epoch, runtime_->epoch());
  EXPECT_EQ(event.seq, 1U);
  EXPECT_EQ(event.time, std::chrono::system_clock::time_point(1s));
  EXPECT_EQ(event.domain, "process");
  EXPECT_EQ(event.kind, "exec");
  EXPECT_EQ(event.correlation_id, "c1");
  EXPECT_EQ(event.data.at("pid"), 42);
}

TEST_F(RuntimeTest, AStormFromAnotherThreadArrivesWholeAndInOrder) {
  constexpr std::uint64_t storm = 20000;
  Observer observer(loop_, broker_->local());
  start_and_settle(config());
  std::jthread source([&] {
    for (std::uint64_t i = 0; i < storm; ++i) feed_->emit("exec", {{"n", i}});
  });
  ASSERT_TRUE(loop_.until([&] { return observer.events.size() == storm; }));
  for (std::uint64_t i = 0; i < storm; ++i) {
    ASSERT_EQ(observer.events[i].seq, i + 1);
    ASSERT_EQ(observer.events[i].data.at("n").to_number<std::uint64_t>(), i);
  }
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("queued") == 0; }));
  EXPECT_EQ(runtime_->health().at("confirmed").to_number<std::uint64_t>(), storm);
  EXPECT_TRUE(runtime_->health().at("lost").as_object().empty());
}

TEST_F(RuntimeTest, WhatTheQueueCannotHoldIsInALossRecordInItsPlace) {
  Observer observer(loop_, broker_->local());
  auto small = config();
  small.queue_frames = 64;
  small.in_flight = 16;
  start_and_settle(small);
  constexpr std::uint64_t given = 5000;
  for (std::uint64_t i = 0; i < given; ++i) feed_->emit("exec");
  ASSERT_TRUE(loop_.until([&] { return observer.accounted() == given; })) << observer.accounted();
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("queued") == 0; }));
  const auto by_seq = observer.by_seq();
  EXPECT_EQ(by_seq.size(), by_seq.rbegin()->first) << "no holes";
  const auto lost = runtime_->health().at("lost").as_object();
  EXPECT_EQ(lost.at("collector_queue_full").to_number<std::uint64_t>() + 64, given);
}

TEST_F(RuntimeTest, ALossThatTheSourceReportsIsAnEventOfKindLoss) {
  Observer observer(loop_, broker_->local());
  start_and_settle(config());
  feed_->report_loss({std::nullopt, "kernel_buffer_overflow", "ENOBUFS"});
  ASSERT_TRUE(loop_.until([&] { return observer.events.size() == 1; }));
  EXPECT_TRUE(observer.events[0].is_loss());
  EXPECT_EQ(observer.events[0].data.at("count"), "unknown");
  EXPECT_EQ(runtime_->health().at("lost").as_object().at("kernel_buffer_overflow"), "unknown");
}

TEST_F(RuntimeTest, AConnectionThatIsCutInAStormLosesNothing) {
  Observer observer(loop_, broker_->local());
  start_and_settle(config());
  constexpr std::uint64_t storm = 5000;
  for (std::uint64_t i = 0; i < storm; ++i) {
    feed_->emit("exec");
    if (i % 1000 == 500) {
      const auto seen = observer.events.size();
      ASSERT_TRUE(loop_.until([&] { return observer.events.size() > seen; }));
      ASSERT_TRUE(broker_->disconnect("testmond").has_value());
      ASSERT_TRUE(loop_.until([&] { return !is_connected(); }));
      ASSERT_TRUE(loop_.until([&] { return is_connected(); }));
    }
  }
  ASSERT_TRUE(loop_.until([&] { return observer.by_seq().size() == storm; }));
  EXPECT_TRUE(runtime_->health().at("lost").as_object().empty());
}

TEST_F(RuntimeTest, AConnectionThatDoesNotLastIsFollowedByAPause) {
  Observer observer(loop_, broker_->local());
  auto slow = config();
  slow.reconnect_first = 1h;
  slow.reconnect_most = 1h;
  start_and_settle(slow);
  ASSERT_TRUE(broker_->disconnect("testmond").has_value());
  ASSERT_TRUE(loop_.until([&] { return !is_connected(); }));
  // Without the pause it is back within one of these round trips.
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(loop_.run(observer.rpc->call(busrt::broker_name, "test")).has_value());
  EXPECT_FALSE(is_connected());
}

TEST_F(RuntimeTest, AfterAConnectionThatLastedItIsBackAtOnce) {
  Observer observer(loop_, broker_->local());
  auto slow = config();
  slow.reconnect_first = 1h;
  slow.reconnect_most = 10ms;
  slow.heartbeat = 5ms;
  start_and_settle(slow);
  const auto lasted = std::chrono::steady_clock::now() + 50ms;
  ASSERT_TRUE(loop_.until([&] { return std::chrono::steady_clock::now() > lasted; }));
  ASSERT_TRUE(broker_->disconnect("testmond").has_value());
  ASSERT_TRUE(loop_.until([&] { return !is_connected(); }));
  EXPECT_TRUE(loop_.until([&] { return is_connected(); }));
}

std::shared_ptr<const busrt::AccessRules> rules(const std::string& text) {
  auto parsed = busrt::AccessRules::parse(text, "test");
  if (!parsed) throw std::runtime_error(parsed.error().describe());
  return std::make_shared<const busrt::AccessRules>(*std::move(parsed));
}

TEST_F(RuntimeTest, ARefusalIsTriedAgainAndCostsNoEvent) {
  const ScratchDirectory scratch;
  const auto socket = (scratch.path() / "bus.sock").string();
  ASSERT_TRUE(broker_->listen(socket).has_value());
  Observer observer(loop_, broker_->local());
  auto logged = config();
  // Rules are for clients from outside.
  logged.endpoint = {};
  logged.address = socket;
  const auto refused = std::make_shared<int>(0);
  logged.log = [refused](busrt::base::LogLevel, std::string_view line) {
    if (line.starts_with("bus: ")) ++*refused;
  };
  start_and_settle(logged);
  feed_->emit("exec");
  ASSERT_TRUE(loop_.until([&] { return observer.events.size() == 1; }));
  broker_->set_access(rules(R"([[client]]
name = "nobody"
)"));
  static_cast<void>(broker_->disconnect("testmond"));
  ASSERT_TRUE(loop_.until([&] { return *refused >= 1; }));
  EXPECT_FALSE(is_connected());
  for (int i = 0; i < 200; ++i) feed_->emit("exit");
  ASSERT_TRUE(loop_.until([&] { return *refused >= 3; })) << "the client itself does not repeat a refusal";
  broker_->set_access(rules(R"([[client]]
name = "testmond"
publish = ["events.*", "health.*"]
subscribe = ["control.collector.committed"]
)"));
  ASSERT_TRUE(loop_.until([&] { return observer.by_seq().size() == 201; })) << observer.by_seq().size();
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("queued") == 0; }));
  EXPECT_TRUE(runtime_->health().at("lost").as_object().empty());
}

TEST_F(RuntimeTest, ASubscriberThatDoesNotReadHoldsItUpAndCostsNothing) {
  busrt::BrokerConfig small;
  small.queue_frames = 64;
  small.stall_limit = 1s;
  broker_ = std::make_unique<busrt::Broker>(std::move(small));
  Observer observer(loop_, broker_->local());
  busrt::ClientConfig stuck_config;
  stuck_config.name = "stuck";
  stuck_config.endpoint = broker_->local();
  stuck_config.queue_frames = 1;
  stuck_config.reconnect.enabled = false;
  busrt::Client stuck(loop_.executor(), stuck_config);
  ASSERT_TRUE(loop_.run(stuck.connect()));
  ASSERT_TRUE(loop_.run(stuck.subscribe({"events.*"})));

  auto impatient = config();
  impatient.delivery_timeout = 100ms;  // passes many times while the broker holds the publisher
  // The runtime logs until its end, after that of this function.
  const auto lines = std::make_shared<std::vector<std::string>>();
  impatient.log = [lines](busrt::base::LogLevel, std::string_view line) { lines->emplace_back(line); };
  start_and_settle(impatient);
  constexpr std::uint64_t storm = 10000;
  for (std::uint64_t i = 0; i < storm; ++i) feed_->emit("exec", {{"text", std::string(400, 'x')}});
  ASSERT_TRUE(
      loop_.until([&] { return broker_->stats().closed_for(busrt::CloseReason::slow_consumer) == 1; }));
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("queued") == 0; }));
  ASSERT_TRUE(
      loop_.until([&] { return observer.events.size() >= storm && observer.by_seq().size() == storm; }));
  EXPECT_TRUE(runtime_->health().at("lost").as_object().empty());
  const auto said = [&lines](std::string_view part) {
    return std::ranges::any_of(*lines,
                               [part](const auto& line) { return line.find(part) != std::string::npos; });
  };
  EXPECT_FALSE(said("lost the bus")) << "a late confirmation is no lost connection";
  EXPECT_TRUE(said("has not confirmed records within 100 ms"));
}

/// A client that says what is committed.
class Committer {
 public:
  Committer(monitor_testing::EventLoop& loop, const busrt::LocalEndpoint& endpoint, const std::string& name)
      : loop_(loop) {
    busrt::ClientConfig config;
    config.name = name;
    config.endpoint = endpoint;
    client_ = std::make_unique<busrt::Client>(loop.executor(), config);
    EXPECT_TRUE(loop.run(client_->connect()));
  }
  void commit(const events::Committed& committed) {
    EXPECT_TRUE(loop_.run(publish(events::encode_committed(committed))));
  }
  boost::asio::awaitable<busrt::base::Result<>> publish(std::string text) {
    co_return co_await client_->publish_for(events::topics::committed, "testmond", busrt::as_bytes(text));
  }

 private:
  monitor_testing::EventLoop& loop_;
  std::unique_ptr<busrt::Client> client_;
};

TEST_F(RuntimeTest, FromTheFirstCommitOnRecordsStayUntilTheyAreCommitted) {
  Observer observer(loop_, broker_->local());
  start_and_settle(config());
  Committer agent(loop_, broker_->local(), std::string(events::agent_client_name));
  Committer other(loop_, broker_->local(), "other");
  for (int i = 0; i < 3; ++i) feed_->emit("exec");
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("accepted") == 3; }));
  EXPECT_EQ(runtime_->health().at("queued"), 0) << "an agent without a store never commits";
  EXPECT_EQ(runtime_->health().at("committed"), 0);

  agent.commit({runtime_->epoch(), 2, {}});
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("committed") == 2; }));
  for (int i = 0; i < 3; ++i) feed_->emit("exec");
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("accepted") == 6; }));
  EXPECT_EQ(runtime_->health().at("queued"), 3);
  other.commit({runtime_->epoch(), 6, {}});
  agent.commit({runtime_->epoch() + 1, 6, {}});
  EXPECT_TRUE(loop_.run(agent.publish("no JSON")));
  agent.commit({runtime_->epoch(), 5, {}});
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("committed") == 5; }))
      << "not 6: neither by another client nor for another run";
  EXPECT_EQ(runtime_->health().at("queued"), 1);

  const auto seen = observer.events.size();
  ASSERT_TRUE(broker_->disconnect("testmond").has_value());
  ASSERT_TRUE(loop_.until([&] { return observer.events.size() == seen + 1; }));
  EXPECT_EQ(observer.events.back().seq, 6U) << "what is not committed is published again";
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("accepted") == 6; }));
  agent.commit({runtime_->epoch(), 6, 0});
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("queued") == 0; }));
  feed_->emit("exec");
  EXPECT_EQ(runtime_->health().at("queued"), 1);
  agent.commit({runtime_->epoch(), 6, 1});
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("accepted") == 7; })) << "with new credit";
  agent.commit({runtime_->epoch(), 7, 1});
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("queued") == 0; }));
}

TEST_F(RuntimeTest, AnOrderlyStopIsNoLostConnection) {
  auto logged = config();
  const auto warnings = std::make_shared<std::vector<std::string>>();
  logged.log = [warnings](busrt::base::LogLevel level, std::string_view line) {
    if (level >= busrt::base::LogLevel::warn) warnings->emplace_back(line);
  };
  start_and_settle(logged);
  feed_->emit("exec");
  stop();
  loop_.until([ended = std::chrono::steady_clock::now()] {
    return std::chrono::steady_clock::now() > ended + 100ms;
  });
  EXPECT_TRUE(warnings->empty()) << warnings->front();
}

TEST_F(RuntimeTest, EventsWaitForABrokerThatIsAway) {
  const ScratchDirectory scratch;
  const auto socket = (scratch.path() / "bus.sock").string();
  auto over_unix = config();
  over_unix.endpoint = {};
  over_unix.address = socket;
  start(over_unix);
  ASSERT_TRUE(loop_.until([&] { return feed_->started(); }));
  for (int i = 0; i < 10; ++i) feed_->emit("exec");
  // The observer is there first: a broker keeps nothing for subscribers to come.
  Observer first(loop_, broker_->local());
  ASSERT_TRUE(broker_->listen(socket).has_value());
  ASSERT_TRUE(loop_.until([&] { return first.events.size() == 10; }));
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("queued") == 0; }));

  broker_->shutdown();
  for (int i = 0; i < 10; ++i) feed_->emit("exit");
  ASSERT_TRUE(loop_.until([&] { return !is_connected(); }));
  for (int i = 0; i < 10; ++i) feed_->emit("new");
  broker_ = std::make_unique<busrt::Broker>();
  Observer second(loop_, broker_->local());
  ASSERT_TRUE(broker_->listen(socket).has_value());
  ASSERT_TRUE(loop_.until([&] { return second.by_seq().size() == 20; }));
  EXPECT_EQ(second.events.front().seq, 11U);
  EXPECT_EQ(second.events.back().seq, 30U);
}

TEST_F(RuntimeTest, WithoutABusItEndsAfterTheLimit) {
  broker_->shutdown();
  auto short_absence = config();
  short_absence.bus_absence = 50ms;
  std::vector<std::string> errors;
  short_absence.log = [&errors](busrt::base::LogLevel level, std::string_view line) {
    if (level == busrt::base::LogLevel::error) errors.emplace_back(line);
  };
  start(short_absence);
  feed_->emit("exec");
  ASSERT_TRUE(loop_.until([&] { return end_.has_value(); }));
  ASSERT_TRUE(end_->has_value());
  EXPECT_EQ(**end_, RunEnd::bus_gone);
  ASSERT_FALSE(errors.empty());
  EXPECT_NE(errors[0].find("no bus"), std::string::npos) << errors[0];
  EXPECT_FALSE(feed_->started()) << "the source is stopped all the same";
}

TEST_F(RuntimeTest, StoppingPublishesWhatIsQueuedAndSaysStopped) {
  Observer observer(loop_, broker_->local());
  start_and_settle(config());
  for (int i = 0; i < 3000; ++i) feed_->emit("exec");
  stop();
  ASSERT_TRUE(end_->has_value());
  EXPECT_EQ(**end_, RunEnd::requested);
  ASSERT_TRUE(loop_.until([&] { return observer.last_state() == "stopped"; }));
  EXPECT_EQ(observer.events.size(), 3000U);
  const auto& last = observer.health.back();
  EXPECT_EQ(last.at("confirmed"), 3000);
  EXPECT_EQ(last.at("queued"), 0);
  EXPECT_FALSE(feed_->started());
}

TEST_F(RuntimeTest, AConfigurationThatCannotWorkIsRefusedByName) {
  auto bad = config();
  bad.name = "a.b";
  start(bad);
  ASSERT_TRUE(loop_.until([&] { return end_.has_value(); }));
  ASSERT_FALSE(end_->has_value());
  EXPECT_TRUE(end_->error().message.starts_with("name: ")) << end_->error().message;

  std::vector<std::unique_ptr<EventSource>> twins;
  twins.push_back(std::make_unique<InjectedSource>(feed_));
  twins.push_back(std::make_unique<InjectedSource>(feed_));
  start(config(), std::move(twins));
  ASSERT_TRUE(loop_.until([&] { return end_.has_value(); }));
  ASSERT_FALSE(end_->has_value());
  EXPECT_TRUE(end_->error().message.starts_with("sources: ")) << end_->error().message;
}

}  // namespace
}  // namespace daemoneye::collector::testing
