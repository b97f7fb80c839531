// A signal that is ignored when a program starts stays ignored: nohup, and background jobs of a script.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>

#include "agent_process.hpp"

namespace system_tests {
namespace {

/// The set of signals behind a key of /proc/PID/status: SigIgn, SigCgt, SigBlk.
std::uint64_t signals_of(pid_t pid, const std::string& key) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return std::stoull(line.substr(key.size() + 1), nullptr, 16);
  }
  return 0;
}

bool holds(std::uint64_t signals, int number) {
  return (signals >> static_cast<unsigned>(number - 1) & 1U) != 0;
}

/// As `nohup` and `&` in a script start it.
std::vector<std::string> ignoring(const std::string& command) {
  return {"/bin/sh", "-c", "trap '' HUP INT; exec " + command};
}

void expect_ignored(pid_t pid) {
  for (const int number : {SIGHUP, SIGINT}) {
    EXPECT_TRUE(holds(signals_of(pid, "SigIgn"), number)) << number;
    EXPECT_FALSE(holds(signals_of(pid, "SigCgt"), number)) << number;
    EXPECT_FALSE(holds(signals_of(pid, "SigBlk"), number)) << "nor is it waited for: " << number;
  }
}

TEST(IgnoredSignals, StayIgnoredInTheAgentAndItsCollector) {
  const TemporaryDirectory directory;
  Program agent(directory.path(), "agent",
                ignoring(agent_program() + " --bus ipc://" + (directory.path() / "bus.sock").string() +
                         " --state-dir " + (directory.path() / "state").string()));
  ASSERT_TRUE(wait_until([&agent] { return agent.err().find(") running") != std::string::npos; }))
      << agent.err();
  expect_ignored(agent.pid());
  const std::string log = agent.err();
  const auto pid = log.find("procmond (pid ");
  ASSERT_NE(pid, std::string::npos) << log;
  const pid_t collector = std::stoi(log.substr(pid + 14));
  expect_ignored(collector);
  EXPECT_FALSE(holds(signals_of(collector, "SigIgn"), SIGTERM)) << "by which the agent ends it";
  agent.signal(SIGHUP);
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0);
  EXPECT_EQ(agent.err().find("stopping: SIGHUP"), std::string::npos) << agent.err();
}

TEST(IgnoredSignals, StayIgnoredInTheBroker) {
  const TemporaryDirectory directory;
  Program broker(directory.path(), "broker",
                 ignoring(busrtd_program() + " -B " + (directory.path() / "bus.sock").string()));
  ASSERT_TRUE(wait_until([&broker] { return broker.err().find("broker started") != std::string::npos; }))
      << broker.err();
  expect_ignored(broker.pid());
  broker.signal(SIGINT);
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(), 0);
  EXPECT_NE(broker.err().find("SIGTERM: shutting down"), std::string::npos) << broker.err();
}

TEST(IgnoredSignals, StayIgnoredInTheCommandLine) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  Program watch(agent.directory(), "watch", ignoring(cli_program() + " --bus " + agent.address() + " watch"));
  ASSERT_TRUE(wait_until([&watch] { return watch.out().find("TIME") != std::string::npos; })) << watch.err();
  expect_ignored(watch.pid());
  watch.signal(SIGTERM);
  EXPECT_EQ(watch.wait(), 0);
}

}  // namespace
}  // namespace system_tests
