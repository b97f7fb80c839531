// What the programs make of the signal state that their starter hands down by exec.
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent_process.hpp"
#include "busrt/blocking_client.hpp"

namespace system_tests {
namespace {

/// Blocks the signals in this thread, and so in what it starts meanwhile.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, number);
    ::pthread_sigmask(SIG_BLOCK, &signals, &earlier_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &earlier_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t earlier_{};
};

std::unique_ptr<Program> start_blocked(const AgentUnderTest& agent, const std::string& label,
                                       std::vector<std::string> argv) {
  const BlockedSignals blocked;
  return std::make_unique<Program>(agent.directory(), label, std::move(argv));
}

TEST(InheritedSignals, ABlockedSigtermStillEndsTheAgentAndTheCommandLines) {
  std::optional<AgentUnderTest> agent;
  {
    const BlockedSignals blocked;
    agent.emplace();
  }
  ASSERT_TRUE(agent->wait_for_state("running")) << agent->program().err();
  const auto watch =
      start_blocked(*agent, "watch", {cli_program(), "--bus", agent->address(), "watch", "health.*"});
  const auto listen =
      start_blocked(*agent, "listen", {busrt_program(), agent->address(), "listen", "-t", "x"});
  ASSERT_TRUE(wait_until([&] {
    return watch->out().contains("watching") && listen->out().contains("Listening");
  })) << watch->err()
      << listen->err();
  watch->signal(SIGTERM);
  listen->signal(SIGTERM);
  EXPECT_TRUE(watch->wait()) << "watch still runs";
  EXPECT_TRUE(listen->wait()) << "listen still runs";
  agent->program().signal(SIGTERM);
  EXPECT_EQ(agent->program().wait(), 0) << agent->program().err();
}

TEST(InheritedSignals, AnIgnoredSigchldDoesNotHideHowACollectorEnded) {
  std::optional<AgentUnderTest> agent;
  struct sigaction ignore{};
  struct sigaction earlier{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGCHLD, &ignore, &earlier);
  agent.emplace();
  ::sigaction(SIGCHLD, &earlier, nullptr);
  ASSERT_TRUE(agent->wait_for_state("running")) << agent->program().err();
  ::kill(agent->collector().at("pid").to_number<pid_t>(), SIGKILL);
  EXPECT_TRUE(wait_until([&] { return agent->program().err().contains("ended with signal 9"); }))
      << agent->program().err();
}

TEST(InheritedSignals, ALogAtTheLimitOfFileSizesDoesNotEndTheBroker) {
  const TemporaryDirectory directory;
  const auto socket = (directory.path() / "bus.sock").string();
  // One block of 512 or 1024 bytes: its first lines fill it.
  Program broker(directory.path(), "broker",
                 {"/bin/sh", "-c", "ulimit -f 1; exec " + busrtd_program() + " --verbose -B " + socket});
  ASSERT_TRUE(wait_until([&socket] { return std::filesystem::exists(socket); })) << broker.err();
  for (int i = 0; i < 50; ++i) {
    busrt::BlockingClient client({.name = "client" + std::to_string(i), .address = socket});
    const auto up = client.connect();
    ASSERT_TRUE(up) << up.error().describe();
  }
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(), 0);
}

}  // namespace
}  // namespace system_tests
