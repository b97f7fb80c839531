// An agent that dies under load: its keeper brings it back, its collector runs on, and the account is exact.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <atomic>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <fstream>
#include <string>
#include <thread>

#include "agent_process.hpp"

extern char** environ;

namespace system_tests {
namespace {

using namespace std::chrono_literals;

std::uint64_t number(const boost::json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::uint64_t>() : 0;
}

/// Short processes, one after the other, for as long as it lives.
class ExecLoad {
 public:
  ExecLoad() : thread_([this] { run(); }) {}
  ~ExecLoad() {
    stop_ = true;
    thread_.join();
  }
  ExecLoad(const ExecLoad&) = delete;
  ExecLoad& operator=(const ExecLoad&) = delete;

 private:
  void run() {
    std::string program = "/bin/true";
    char* const argv[] = {program.data(), nullptr};
    while (!stop_) {
      pid_t pid = 0;
      if (::posix_spawn(&pid, program.c_str(), nullptr, nullptr, argv, environ) == 0)
        ::waitpid(pid, nullptr, 0);
    }
  }
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

/// Kills the agent proper and waits until its successor runs the collector.
void kill_agent(const AgentUnderTest& agent) {
  const pid_t old = agent.agent_pid();
  ASSERT_GT(old, 0);
  ASSERT_EQ(::kill(old, SIGKILL), 0);
  ASSERT_TRUE(wait_until([&] {
    const auto now = agent.status();
    if (!now || number(now->at("agent").as_object(), "pid") == static_cast<std::uint64_t>(old)) return false;
    const auto& collectors = now->at("collectors").as_array();
    return !collectors.empty() && collectors.front().at("state").as_string() == "running";
  }));
}

TEST(Keeper, AnAgentKilledUnderLoadComesBackToTheSameCollectorAndTheAccountIsExact) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const auto collector = number(agent.collector(), "pid");
  const auto epoch = number(agent.collector(), "epoch");
  {
    const ExecLoad load;
    for (int round = 0; round < 3; ++round) {
      const auto before = number(agent.collector(), "seq");
      ASSERT_TRUE(wait_until([&] { return number(agent.collector(), "seq") > before + 100; }));
      ASSERT_NO_FATAL_FAILURE(kill_agent(agent)) << agent.program().err();
    }
  }
  EXPECT_TRUE(wait_until([&agent] {
    const auto now = agent.collector();
    const auto& health = now.at("health").as_object();
    return number(now, "seq") >= number(health, "seq") && number(health, "queued") == 0;
  }));
  const auto now = agent.collector();
  const std::string whole = boost::json::serialize(*agent.status());
  EXPECT_EQ(number(now, "pid"), collector) << "the collector stays";
  EXPECT_EQ(number(now, "epoch"), epoch) << whole;
  EXPECT_EQ(number(now, "restarts"), 0U);
  EXPECT_EQ(number(now, "events_received") + number(now, "missing"), number(now, "seq"))
      << "every number has arrived once, or is missing: " << whole;
  EXPECT_GT(number(now, "seq"), 300U);
  RecordProperty("missing", static_cast<int>(number(now, "missing")));
  RecordProperty("duplicates", static_cast<int>(number(now, "duplicates")));
  RecordProperty("seq", static_cast<int>(number(now, "seq")));

  const auto status = *agent.status();
  EXPECT_TRUE(status.at("well").as_bool()) << whole;
  EXPECT_FALSE(status.at("complete").as_bool());
  bool without_agent = false;
  for (const auto& part : status.at("incomplete").as_array()) {
    const std::string reason(part.at("reason").as_string());
    if (part.at("collector").as_string() != "daemoneye-agent") continue;
    without_agent = reason.contains("the agent ended with signal 9 (Killed)") && part.at("to").is_string();
  }
  EXPECT_TRUE(without_agent) << whole;
  agent.program().signal(SIGTERM);
  EXPECT_EQ(agent.program().wait(), 0) << agent.program().err();
  EXPECT_FALSE(alive(static_cast<pid_t>(collector)));
  EXPECT_TRUE(std::filesystem::is_empty(agent.state_dir()));
}

TEST(Keeper, ACollectorThatDiesWithItsAgentIsStartedAnew) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const auto collector = static_cast<pid_t>(number(agent.collector(), "pid"));
  ASSERT_EQ(::kill(agent.agent_pid(), SIGSTOP), 0);
  ASSERT_EQ(::kill(collector, SIGKILL), 0);
  ASSERT_NO_FATAL_FAILURE(kill_agent(agent)) << agent.program().err();
  const auto now = agent.collector();
  EXPECT_NE(number(now, "pid"), static_cast<std::uint64_t>(collector));
  EXPECT_EQ(now.at("last_exit").as_string(), "signal 9 (Killed)");
  EXPECT_FALSE(now.at("complete").as_bool()) << "what it saw last may be missing";
}

TEST(Keeper, ACollectorWhoseSettingsHaveChangedMeanwhileIsStartedAnewInOrder) {
  AgentUnderTest agent("[collectors.procmond]\nsettings = { method = \"scan\" }\n");
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const auto collector = number(agent.collector(), "pid");
  std::ofstream(agent.directory() / "agent.toml")
      << "[collectors.procmond]\nsettings = { method = \"scan\", scan_interval_ms = 4321 }\n";
  ASSERT_NO_FATAL_FAILURE(kill_agent(agent)) << agent.program().err();
  ASSERT_TRUE(wait_until([&] {
    const auto now = agent.collector();
    return number(now, "pid") != collector && now.at("state").as_string() == "running";
  })) << agent.program().err();
  EXPECT_FALSE(alive(static_cast<pid_t>(collector)));
  EXPECT_TRUE(agent.program().err().contains("its command line or settings have changed"))
      << agent.program().err();
}

TEST(Keeper, ACollectorThatIsNotConfiguredAnyMoreIsStopped) {
  AgentUnderTest agent("[collectors.procmond]\nenabled = true\n");
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const auto collector = static_cast<pid_t>(number(agent.collector(), "pid"));
  std::ofstream(agent.directory() / "agent.toml") << "[collectors.procmond]\nenabled = false\n";
  const pid_t old = agent.agent_pid();
  ASSERT_EQ(::kill(old, SIGKILL), 0);
  EXPECT_TRUE(wait_until([collector] { return !alive(collector); })) << agent.program().err();
  EXPECT_TRUE(wait_until([&agent] { return agent.status().has_value(); }));
  EXPECT_TRUE(agent.program().err().contains("it is not configured any more")) << agent.program().err();
}

}  // namespace
}  // namespace system_tests
