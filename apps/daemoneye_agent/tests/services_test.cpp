// The agent's own list of services with a real broker and real connections, and no collector.
#include "services.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <expected>
#include <filesystem>
#include <functional>
#include <future>
#include <optional>

#include "busrt/broker.hpp"
#include "busrt/rpc.hpp"
#include "config/load_config.hpp"
#include "daemoneye/events/event.hpp"
#include "temporary_directory.hpp"

namespace daemoneye_agent {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class ServicesTest : public ::testing::Test {
 protected:
  /// An agent with this configuration beside its bus and its state directory, and no collector.
  void start(const std::string& more = {}) {
    FlagValues flags;
    flags.bus = address();
    flags.state_dir = (directory_.path() / "state").string();
    auto loaded = load_config(flags, {}, more + "[collectors.procmond]\nenabled = false\n");
    ASSERT_TRUE(loaded) << loaded.error().front();
    config_ = std::move(loaded->config);
    add_services(agent_, io_.get_executor(), {*host_, {}}, config_, log_);
    ran_ = asio::co_spawn(io_, agent_.run(), asio::use_future);
  }
  void TearDown() override {
    if (!ran_.valid()) return;
    agent_.request_stop("the end of the test");
    EXPECT_TRUE(has_ended());
  }
  void connect() {
    // It answers before all of it is up.
    ASSERT_TRUE(run_until([this] { return agent_.ready(); }));
    operator_.emplace(busrt::Client(io_.get_executor(), {.name = "operator", .address = address()}));
    auto up = operator_->connect(asio::use_future);
    ASSERT_TRUE(run_until([&up] { return is_ready(up); }));
    ASSERT_TRUE(up.get());
  }
  /// The reply to one call of the agent, or the error's sentence.
  std::expected<boost::json::object, std::string> ask(const char* method, std::string_view params = {}) {
    auto reply = operator_->call("daemoneye-agent", method, busrt::as_bytes(params), busrt::QoS::processed,
                                 5s, asio::use_future);
    if (!run_until([&reply] { return is_ready(reply); })) return std::unexpected("no reply");
    const auto answer = reply.get();
    if (!answer) return std::unexpected(answer.error().message);
    return boost::json::parse(busrt::as_text(answer->payload)).as_object();
  }
  /// Once the agent answers at all.
  boost::json::object status() {
    boost::json::object said;
    EXPECT_TRUE(run_until([&] {
      auto answer = ask("status");
      if (answer) said = std::move(*answer);
      return answer.has_value();
    }));
    return said;
  }
  void disconnect() {
    auto down = operator_->client().disconnect(1s, asio::use_future);
    ASSERT_TRUE(run_until([&down] { return is_ready(down); }));
    operator_.reset();
  }
  [[nodiscard]] std::string address() const {
    return "ipc://" + (directory_.path() / "run" / "bus.sock").string();
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) io_.run_one_for(10ms);
    return condition();
  }
  bool has_ended() {
    return run_until([this] { return is_ready(ran_); });
  }
  static bool is_ready(const auto& future) { return future.wait_for(0s) == std::future_status::ready; }

  TemporaryDirectory directory_;
  Config config_;
  asio::io_context io_{1};
  Logger log_{[](busrt::base::LogLevel, std::string_view) {}};
  std::unique_ptr<ProcessHost> host_ = make_child_process_host(io_.get_executor());
  Agent agent_{io_.get_executor(), log_, busrt::base::ServiceNotifier()};
  std::future<busrt::base::Result<>> ran_;
  std::optional<busrt::RpcClient> operator_;
};

TEST_F(ServicesTest, AnswerForTheStatusOnTheirBusAndLeaveNothingPendingAfterAStop) {
  start();
  connect();
  const auto said = status();
  EXPECT_TRUE(said.at("well").as_bool()) << boost::json::serialize(said);
  EXPECT_EQ(said.at("bus").at("mode"), "embedded");
  EXPECT_EQ(said.at("bus").at("broker").at("clients").to_number<int>(), 3)
      << "control, data and the operator";
  EXPECT_EQ(said.at("agent").at("state_dir").as_string(), (directory_.path() / "state").string());
  disconnect();
  agent_.request_stop("test");
  ASSERT_TRUE(has_ended());
  EXPECT_TRUE(ran_.get());
  io_.poll();
  EXPECT_TRUE(io_.stopped()) << "a timer that is left would hold up the end of the program";
}

TEST_F(ServicesTest, AnswerForTheHealthAndStopWhenTheyAreAsked) {
  start();
  connect();
  static_cast<void>(status());
  const auto health = ask("health_check");
  ASSERT_TRUE(health) << health.error();
  EXPECT_EQ(health->at("state"), "running");
  const auto refused = ask("shutdown", R"({"now": true})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), "now: unknown field; this method takes none");
  EXPECT_FALSE(agent_.stopping()) << "a call that is refused does nothing";
  const auto stopping = ask("shutdown");
  ASSERT_TRUE(stopping) << stopping.error();
  EXPECT_TRUE(stopping->at("stopping").as_bool());
  ASSERT_TRUE(has_ended());
  EXPECT_TRUE(ran_.get());
}

TEST_F(ServicesTest, EventsOfAProgramThatTheAgentDidNotStartAreInTheAccount) {
  start();
  connect();
  daemoneye::events::Event event;
  event.collector = "operator";
  event.epoch = 1;
  event.domain = "process";
  event.kind = "exec";
  for (event.seq = 1; event.seq <= 3; ++event.seq) {
    const std::string text = daemoneye::events::encode_event(event);
    auto sent =
        operator_->client().publish("events.process.exec", busrt::as_bytes(text), {}, asio::use_future);
    ASSERT_TRUE(run_until([&sent] { return is_ready(sent); }));
    ASSERT_TRUE(sent.get());
  }
  ASSERT_TRUE(run_until([this] {
    const auto said = status();
    const auto& collectors = said.at("collectors").as_array();
    return !collectors.empty() && collectors.at(0).at("events_received").to_number<int>() == 3;
  }));
  EXPECT_EQ(status().at("collectors").at(0).at("state"), "unmanaged");
}

TEST_F(ServicesTest, ServeABrokerThatIsNotTheirsAndReportWhatItSays) {
  std::filesystem::create_directory(directory_.path() / "run");
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(address()));
  start("[bus]\nmode = \"external\"\n");
  connect();
  const auto said = status();
  EXPECT_EQ(said.at("bus").at("mode"), "external");
  EXPECT_TRUE(said.at("bus").at("broker").as_object().contains("r_frames")) << boost::json::serialize(said);
  EXPECT_TRUE(said.at("well").as_bool()) << boost::json::serialize(said);
  disconnect();
  agent_.request_stop("test");
  ASSERT_TRUE(has_ended());
}

TEST_F(ServicesTest, WithoutTheBrokerOfSomebodyElseTheStartFailsAndSaysWhere) {
  start("[bus]\nmode = \"external\"\ntimeout_ms = 100\n");
  ASSERT_TRUE(has_ended());
  const auto result = ran_.get();
  ASSERT_FALSE(result);
  EXPECT_TRUE(result.error().message.starts_with("bus: cannot join " + address())) << result.error().message;
}

}  // namespace
}  // namespace daemoneye_agent
