// The commands against a real broker. A client under the agent's name answers for the agent; the system tests
// have the agent itself.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <string>

#include "agent_client.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "busrt_testing/test_address.hpp"
#include "daemoneye/events/topics.hpp"
#include "numbered_event.hpp"

namespace daemoneye_cli {
namespace {

using namespace std::chrono_literals;

/// An agent whose collector runs, where something was missing before.
constexpr std::string_view well_again =
    R"({"agent":{"version":"9.8.7"},"collectors":[{"name":"procmond","state":"running","well":true}],
        "well":true,"complete":false,"whole_since":"2026-01-02T03:04:08Z"})";

boost::asio::awaitable<busrt::RpcResult> answer_with(busrt::RpcRequest /*request*/, std::string answer) {
  co_return busrt::to_bytes(answer);
}

class Commands : public ::testing::Test {
 protected:
  [[nodiscard]] Options options() const {
    Options made;
    made.bus = address_;
    return made;
  }
  void open_bus() { ASSERT_TRUE(broker_.listen(address_)); }

  /// On an address of its own, so that it is there before open_bus().
  void start_agent(std::string_view answer) {
    const std::string own = "ipc://" + (directory_.path() / "agent.sock").string();
    ASSERT_TRUE(broker_.listen(own));
    busrt::ClientConfig config;
    config.name = daemoneye::events::agent_client_name;
    config.address = own;
    agent_.emplace(config);
    agent_->async().on("status", [text = std::string(answer)](busrt::RpcRequest request) {
      return answer_with(std::move(request), text);
    });
    ASSERT_TRUE(agent_->connect());
  }

  struct Outcome {
    int code = 0;
    std::string out;
    std::string err;
  };
  template <class Command>
  static Outcome outcome_of(Command command) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    Outcome outcome;
    outcome.code = command();
    outcome.out = testing::internal::GetCapturedStdout();
    outcome.err = testing::internal::GetCapturedStderr();
    return outcome;
  }
  [[nodiscard]] static Outcome status(const Options& options) {
    return outcome_of([&options] { return run_status(options); });
  }

  /// Publishes numbered events of procmond, or records of losses, until the watch has ended by its count.
  [[nodiscard]] Outcome watch(const Options& options, bool losses = false) {
    return outcome_of([&] {
      busrt::ClientConfig config;
      config.name = "procmond";
      config.address = address_;
      busrt::BlockingClient procmond(config);
      EXPECT_TRUE(procmond.connect());
      auto ended = std::async(std::launch::async, [&options] { return run_watch(options); });
      for (std::uint64_t seq = 1; ended.wait_for(10ms) != std::future_status::ready; ++seq) {
        const std::string event = daemoneye::events::encode_event(losses ? loss(seq) : numbered(seq));
        const std::string_view topic = losses ? "events.process.loss" : "events.process.exec";
        EXPECT_TRUE(procmond.publish(topic, busrt::as_bytes(event)));
      }
      return ended.get();
    });
  }

 private:
  busrt_testing::TemporaryDirectory directory_;
  busrt::Broker broker_;
  std::string address_ = "ipc://" + (directory_.path() / "bus.sock").string();
  std::optional<busrt::BlockingRpcClient> agent_;
};

TEST_F(Commands, StatusShowsWhatTheAgentAnswers) {
  start_agent(well_again);
  open_bus();
  const Outcome shown = status(options());
  EXPECT_EQ(shown.code, exit_code::ok);
  EXPECT_TRUE(shown.out.contains("daemoneye-agent 9.8.7")) << shown.out;
  EXPECT_TRUE(shown.out.contains("whole again since 2026-01-02T03:04:08Z")) << shown.out;
  EXPECT_EQ(shown.err, "");
}

TEST_F(Commands, StrictStatusFailsForWhatWasMissingBefore) {
  start_agent(well_again);
  open_bus();
  Options strict = options();
  strict.strict = true;
  EXPECT_EQ(status(strict).code, exit_code::degraded);
}

TEST_F(Commands, StatusForProgramsIsTheAnswerAsOneLine) {
  start_agent(R"({"well": false})");
  open_bus();
  Options json = options();
  json.json = true;
  const Outcome shown = status(json);
  EXPECT_EQ(shown.code, exit_code::degraded);
  EXPECT_EQ(shown.out, "{\"well\":false}\n");
}

TEST_F(Commands, AnAnswerThatIsNoObjectIsAnError) {
  start_agent("[]");
  open_bus();
  const Outcome shown = status(options());
  EXPECT_EQ(shown.code, exit_code::unreachable);
  EXPECT_TRUE(shown.err.contains("the agent's status is no JSON object")) << shown.err;
}

TEST_F(Commands, ABusWithoutAnAgentIsToldFromNoBus) {
  const Outcome no_bus = status(options());
  EXPECT_EQ(no_bus.code, exit_code::unreachable);
  EXPECT_TRUE(no_bus.err.contains("cannot reach the agent at ")) << no_bus.err;
  EXPECT_TRUE(no_bus.err.contains("there is no socket ")) << no_bus.err;
  EXPECT_EQ(no_bus.out, "");
  open_bus();
  const Outcome no_agent = status(options());
  EXPECT_EQ(no_agent.code, exit_code::unreachable);
  EXPECT_TRUE(no_agent.err.contains("answers, its agent does not: ")) << no_agent.err;
  EXPECT_TRUE(no_agent.err.contains("client not registered")) << no_agent.err;
}

TEST_F(Commands, AWaitingStatusTakesTheAgentThatComes) {
  start_agent(well_again);
  Options patient = options();
  patient.wait = 60s;
  const Outcome shown = outcome_of([&] {
    auto ended = std::async(std::launch::async, [&patient] { return run_status(patient); });
    EXPECT_NE(ended.wait_for(200ms), std::future_status::ready) << "nothing is there to answer";
    open_bus();
    return ended.get();
  });
  EXPECT_EQ(shown.code, exit_code::ok) << shown.err;
}

TEST_F(Commands, WatchEndsAfterItsCountWithAnAccount) {
  start_agent(well_again);
  open_bus();
  Options counted = options();
  counted.count = 3;
  const Outcome shown = watch(counted);
  EXPECT_EQ(shown.code, exit_code::ok);
  EXPECT_TRUE(shown.out.starts_with("watching events.* on ")) << shown.out;
  EXPECT_TRUE(shown.out.contains("process.exec")) << shown.out;
  EXPECT_TRUE(shown.out.contains("\n3 events shown; nothing was lost\n")) << shown.out;
  EXPECT_EQ(shown.err, "");
}

TEST_F(Commands, WatchForProgramsWritesEventsAloneOnStandardOutput) {
  start_agent(well_again);
  open_bus();
  Options json = options();
  json.json = true;
  json.count = 1;
  const Outcome shown = watch(json);
  EXPECT_TRUE(shown.out.starts_with("{\"v\":")) << shown.out;
  EXPECT_EQ(shown.out.find('\n'), shown.out.size() - 1) << shown.out;
  EXPECT_TRUE(shown.err.contains("1 event shown; ")) << shown.err;
}

TEST_F(Commands, WatchWarnsOfAPatternThatMatchesNoKnownTopic) {
  start_agent(well_again);
  open_bus();
  Options doubtful = options();
  doubtful.pattern = "events/#";
  doubtful.count = 1;
  const Outcome shown = watch(doubtful, true);
  EXPECT_EQ(shown.code, exit_code::ok);
  EXPECT_TRUE(shown.err.starts_with("daemoneye: nothing may match \"events/#\"")) << shown.err;
  EXPECT_TRUE(shown.err.contains("did you mean \"events.*\"?")) << shown.err;
  EXPECT_TRUE(shown.out.contains("LOST 3 events")) << "losses are shown whatever is watched: " << shown.out;
}

TEST_F(Commands, WatchWithoutAnAgentClaimsNothing) {
  open_bus();
  Options counted = options();
  counted.count = 1;
  const Outcome shown = watch(counted);
  EXPECT_EQ(shown.code, exit_code::ok);
  EXPECT_TRUE(shown.out.contains("what cannot be seen is unknown, because no agent answers on this bus"))
      << shown.out;
  EXPECT_TRUE(shown.out.contains("not known to be complete")) << shown.out;
}

}  // namespace
}  // namespace daemoneye_cli
