// What a collector answers, and what it says of itself.

#include "daemoneye/collector/testing/noop_source.hpp"
#include "daemoneye/host/capabilities.hpp"
#include "runtime_fixture.hpp"

namespace daemoneye::collector::testing {
namespace {

class RuntimeMethods : public RuntimeTest {
 protected:
  void SetUp() override {
    observer_ = std::make_unique<Observer>(loop_, broker_->local());
    start_and_settle(config());
    ASSERT_TRUE(loop_.until([&] { return observer_->last_state() == "running"; }));
  }
  std::unique_ptr<Observer> observer_;
};

TEST_F(RuntimeMethods, HealthCheckTellsTheNumbers) {
  feed_->emit("exec");
  feed_->emit("exit");
  ASSERT_TRUE(loop_.until([&] { return runtime_->health().at("confirmed") == 2; }));
  const auto health = call(*observer_, "health_check");
  ASSERT_TRUE(health.has_value()) << health.error();
  EXPECT_EQ(health->at("collector"), "testmond");
  EXPECT_EQ(health->at("epoch").to_number<std::uint64_t>(), runtime_->epoch());
  EXPECT_EQ(health->at("state"), "running");
  EXPECT_EQ(health->at("seq"), 2);
  EXPECT_EQ(health->at("published"), 2);
  EXPECT_EQ(health->at("confirmed"), 2);
  EXPECT_EQ(health->at("queued"), 0);
  EXPECT_TRUE(health->at("lost").as_object().empty());
  EXPECT_TRUE(health->at("uptime_s").is_int64());
  EXPECT_FALSE(health->at("version").as_string().empty());
  const auto& source = health->at("sources").as_array().at(0).as_object();
  EXPECT_EQ(source.at("name"), "injected");
  EXPECT_EQ(source.at("domain"), "process");
  EXPECT_EQ(source.at("state"), "running");
  EXPECT_EQ(source.at("method"), "injected");
  EXPECT_EQ(source.at("events"), 2);
}

TEST_F(RuntimeMethods, CollectionStopsAndStartsAgain) {
  ASSERT_EQ(call(*observer_, "stop_collection")->at("state"), "stopped");
  EXPECT_FALSE(feed_->started());
  EXPECT_TRUE(loop_.until([&] { return observer_->last_state() == "stopped"; }))
      << "a change of state is told";
  ASSERT_TRUE(loop_.until([&] { return !observer_->events.empty(); }));
  EXPECT_TRUE(observer_->events.back().is_loss())
      << "from here on nobody looks, and that is part of the record";
  EXPECT_EQ(observer_->events.back().data.at("count"), "unknown");
  EXPECT_EQ(observer_->events.back().data.at("cause"), "collection_stopped");
  ASSERT_EQ(call(*observer_, "stop_collection")->at("state"), "stopped") << "stopping twice is no error";
  ASSERT_EQ(call(*observer_, "start_collection", R"({"source":"injected"})")->at("state"), "running");
  EXPECT_TRUE(feed_->started());
  EXPECT_TRUE(loop_.until([&] { return observer_->last_state() == "running"; }));
  ASSERT_TRUE(call(*observer_, "start_collection").has_value()) << "starting twice is no error";
  EXPECT_EQ(feed_->starts(), 2U);
}

TEST_F(RuntimeMethods, SettingsReachTheSourceAllOrNone) {
  ASSERT_TRUE(call(*observer_, "update_config", R"({"interval_ms":10,"label":"x"})").has_value());
  EXPECT_EQ(feed_->settings(), (boost::json::object{{"interval_ms", 10}, {"label", "x"}}));
  const auto wrong = call(*observer_, "update_config", R"({"heartbeat_ms":20,"label":5})");
  ASSERT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error(), "-32602 label: expected a string");
  EXPECT_EQ(feed_->settings().at("label"), "x");
  EXPECT_EQ(call(*observer_, "update_config", R"({})")->at("heartbeat_ms"), limits::heartbeat.count());
}

TEST_F(RuntimeMethods, TheHeartbeatCanBeMadeFaster) {
  const auto before = observer_->health.size();
  ASSERT_EQ(call(*observer_, "update_config", R"({"heartbeat_ms":10})")->at("heartbeat_ms"), 10);
  EXPECT_TRUE(loop_.until([&] { return observer_->health.size() >= before + 5; }));
  EXPECT_TRUE(feed_->settings().empty()) << "not a setting of the source";
}

TEST_F(RuntimeMethods, CapabilitiesNameWhatItCanDo) {
  const auto result = call(*observer_, "get_capabilities");
  ASSERT_TRUE(result.has_value()) << result.error();
  EXPECT_EQ(result->at("collector"), "testmond");
  EXPECT_EQ(result->at("event_version"), 1);
  EXPECT_EQ(result->at("capabilities"), (boost::json::array{"process.events"}));
  EXPECT_EQ(result->at("domains"), (boost::json::array{"process"}));
  EXPECT_EQ(result->at("methods").as_array().size(), 8U);
  EXPECT_EQ(result->at("sources").as_array().at(0).as_object().at("name"), "injected");
}

TEST_F(RuntimeMethods, ShutdownAnswersFirstAndThenStops) {
  const auto answer = call(*observer_, "shutdown");
  ASSERT_TRUE(answer.has_value()) << answer.error();
  EXPECT_EQ(answer->at("stopping"), true);
  ASSERT_TRUE(loop_.until([&] { return end_.has_value(); }));
  EXPECT_EQ(end_->value(), RunEnd::requested);
  EXPECT_TRUE(loop_.until([&] { return observer_->last_state() == "stopped"; }));
}

TEST_F(RuntimeMethods, BadParamsAreRefusedAndTheFieldIsNamed) {
  const std::pair<const char*, std::pair<const char*, const char*>> cases[] = {
      {"health_check", {R"({"verbose":true})", "-32602 verbose: unknown field"}},
      {"get_capabilities", {R"({"x":1})", "-32602 x: unknown field"}},
      {"shutdown", {R"({"now":1})", "-32602 now: unknown field"}},
      {"start_collection", {R"({"source":5})", "-32602 source: expected a string"}},
      {"start_collection", {R"({"source":"other"})", "-32602 source: this collector has no source"}},
      {"stop_collection", {R"({"sources":"injected"})", "-32602 sources: unknown field"}},
      {"update_config", {R"({"heartbeat_ms":0})", "-32602 heartbeat_ms: "}},
      {"update_config", {R"({"heartbeat_ms":"fast"})", "-32602 heartbeat_ms: "}},
      {"update_config", {R"({"colour":1})", "-32602 colour: unknown field"}},
      {"update_config", {R"({"source":"x","label":"y"})", "-32602 source: "}},
      {"health_check", {"[]", "-32602 params: expected a JSON object"}},
      {"health_check", {"{", "-32602 params: "}},
      {"health_check", {"\x81", "-32602 params: no well-formed MessagePack"}},
      {"no_such_method", {"", "-32601 "}}};
  for (const auto& [method, expectation] : cases) {
    const auto answer = call(*observer_, method, expectation.first);
    ASSERT_FALSE(answer.has_value()) << method << " " << expectation.first;
    EXPECT_TRUE(answer.error().starts_with(expectation.second)) << answer.error();
  }
  EXPECT_TRUE(feed_->started()) << "nothing of it had an effect";
}

TEST_F(RuntimeMethods, MessagePackIsTakenAndAnsweredInKind) {
  const auto params = busrt::msgpack::encode(boost::json::object{{"label", "packed"}, {"interval_ms", 500}});
  const auto configured = loop_.run(call_bytes(*observer_->rpc, "update_config", params));
  ASSERT_TRUE(configured.has_value()) << configured.error().message;
  EXPECT_EQ(feed_->settings().at("label"), "packed");
  EXPECT_TRUE(feed_->settings().at("interval_ms").is_int64()) << "as if it had come as JSON";
  for (const auto& nothing :
       {busrt::msgpack::encode(nullptr), busrt::msgpack::encode(boost::json::object{})}) {
    const auto health = loop_.run(call_bytes(*observer_->rpc, "health_check", nothing));
    ASSERT_TRUE(health.has_value()) << health.error().message;
    const auto decoded = busrt::msgpack::decode(health->payload);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(decoded->as_object().at("state"), "running");
  }
}

TEST_F(RuntimeMethods, ASourceThatSeesLessMakesTheCollectorDegraded) {
  feed_->set_health({{"degraded", "no permission for the connector"}});
  ASSERT_TRUE(loop_.until([&] { return observer_->last_state() == "degraded"; }));
  feed_->set_health({});
  ASSERT_TRUE(loop_.until([&] { return observer_->last_state() == "running"; }));
}

using RuntimeStart = RuntimeTest;

/// A source that says what it needs: a capability that nobody has, and one that the test may have.
class Privileged final : public NoopSource {
 public:
  [[nodiscard]] std::vector<Privilege> privileges() const override {
    return {{"CAP_NOTHING", "Nothing."}, {"CAP_CHOWN", "Something."}};
  }
};

TEST_F(RuntimeStart, PrivilegesAreToldAsHeldOrMissing) {
  Observer observer(loop_, broker_->local());
  std::vector<std::unique_ptr<EventSource>> sources;
  sources.push_back(std::make_unique<Privileged>());
  start(config(), std::move(sources));
  ASSERT_TRUE(loop_.until([&] { return observer.last_state() == "running"; }));
  const bool owner = host::effective_capabilities().value().holds("CAP_CHOWN");
  const auto health = call(observer, "health_check").value();
  const auto& told = health.at("sources").at(0).at("privileges");
  const boost::json::array both = {"CAP_NOTHING", "CAP_CHOWN"};
  EXPECT_EQ(told.at("missing"), owner ? boost::json::array{"CAP_NOTHING"} : both);
  EXPECT_EQ(told.at("held"), owner ? boost::json::array{"CAP_CHOWN"} : boost::json::array());
  const auto capabilities = call(observer, "get_capabilities").value();
  const auto& source = capabilities.at("sources").at(0);
  EXPECT_EQ(source.at("privileges").at(0),
            (boost::json::object{{"capability", "CAP_NOTHING"}, {"purpose", "Nothing."}, {"held", false}}));
  EXPECT_EQ(source.at("privileges").at(1).at("held"), owner);
  EXPECT_EQ(source.at("kinds").at(0), "snapshot");
}

TEST_F(RuntimeStart, ADomainThatTheSchemaDoesNotHaveIsRefusedByName) {
  std::vector<std::unique_ptr<EventSource>> sources;
  sources.push_back(std::make_unique<NoopSource>("noop", "weather"));
  start(config(), std::move(sources));
  ASSERT_TRUE(loop_.until([&] { return end_.has_value(); }));
  ASSERT_FALSE(end_->has_value());
  EXPECT_EQ(end_->error().message,
            "sources: noop: the schema has no domain \"weather\"; it has process, network, filesystem, "
            "performance");
}

TEST_F(RuntimeStart, ASourceThatCannotStartDegradesTheCollectorAndCanBeTriedAgain) {
  Observer observer(loop_, broker_->local());
  feed_->fail_next_start("netlink is forbidden");
  start(config());
  ASSERT_TRUE(loop_.until([&] { return observer.last_state() == "degraded"; }));
  const auto& source = observer.health.back().at("sources").as_array().at(0).as_object();
  EXPECT_EQ(source.at("state"), "failed");
  EXPECT_NE(std::string(source.at("error").as_string()).find("netlink is forbidden"), std::string::npos);
  feed_->fail_next_start("still forbidden");
  const auto again = call(observer, "start_collection");
  ASSERT_FALSE(again.has_value());
  EXPECT_NE(again.error().find("still forbidden"), std::string::npos) << again.error();
  ASSERT_EQ(call(observer, "start_collection")->at("state"), "running");
}

TEST_F(RuntimeStart, SettingsForOneOfSeveralSourcesMustNameIt) {
  Observer observer(loop_, broker_->local());
  auto other = std::make_shared<InjectedFeed>();
  std::vector<std::unique_ptr<EventSource>> sources;
  sources.push_back(std::make_unique<InjectedSource>(feed_, "one"));
  sources.push_back(std::make_unique<InjectedSource>(other, "two", "network"));
  start(config(), std::move(sources));
  ASSERT_TRUE(loop_.until([&] { return observer.last_state() == "running"; }));
  const auto vague = call(observer, "update_config", R"({"label":"x"})");
  ASSERT_FALSE(vague.has_value());
  EXPECT_TRUE(vague.error().starts_with("-32602 source: missing")) << vague.error();
  ASSERT_TRUE(call(observer, "update_config", R"({"source":"two","label":"x"})").has_value());
  EXPECT_TRUE(feed_->settings().empty());
  EXPECT_EQ(other->settings().at("label"), "x");

  feed_->emit("exec");
  other->emit("connect");
  ASSERT_TRUE(loop_.until([&] { return observer.events.size() == 2; }));
  EXPECT_EQ(events::topic_of(observer.events[0]), "events.process.exec");
  EXPECT_EQ(events::topic_of(observer.events[1]), "events.network.connect");
  EXPECT_EQ(observer.events[1].seq, 2U) << "one sequence for the collector";
}

/// What no source should throw, and SourceHost does not catch.
class ThrowsANumber final : public EventSource {
 public:
  [[nodiscard]] std::string_view name() const override { return "thrower"; }
  [[nodiscard]] std::string_view domain() const override { return "process"; }
  [[nodiscard]] std::vector<std::string> capabilities() const override { return {}; }
  boost::asio::awaitable<busrt::base::Result<>> start(EventSink&) override {
    throw 7;
    co_return busrt::base::Result<>();
  }
  boost::asio::awaitable<void> stop() override { co_return; }
  [[nodiscard]] boost::json::object health() const override { return {}; }
  busrt::base::Result<> configure(const boost::json::object&) override { return {}; }
};

TEST(RuntimeFaults, AFaultInTheStartOfSourcesEndsTheRunInsteadOfLeavingItAtItsStart) {
  monitor_testing::EventLoop loop;
  busrt::Broker broker;
  RuntimeConfig config;
  config.name = "testmond";
  config.endpoint = broker.local();
  std::vector<std::unique_ptr<EventSource>> sources;
  sources.push_back(std::make_unique<ThrowsANumber>());
  Runtime runtime(loop.executor(), std::move(config), std::move(sources));
  EXPECT_THROW(static_cast<void>(loop.run(runtime.run())), int);
}

}  // namespace
}  // namespace daemoneye::collector::testing
