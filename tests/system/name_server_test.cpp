// The programs with a name server that does not answer. As root.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "agent_process.hpp"
#include "busrt_testing/silent_name_server.hpp"

namespace system_tests {
namespace {

constexpr const char* nowhere = "no.such.host.example:7777";

/// How many processes have this among their arguments.
std::size_t processes_with(const std::string& argument) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "cmdline", std::ios::binary);
    const std::string line(std::istreambuf_iterator<char>(file), {});
    if (line.contains(argument)) ++count;
  }
  return count;
}

class ProgramsWithASilentNameServer : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = busrt_testing::SilentNameServer::start();
    if (!started && ::geteuid() != 0) GTEST_SKIP() << "a name server of one's own takes root";
    ASSERT_TRUE(started) << started.error().describe();
    server = *std::move(started);
  }

  std::unique_ptr<busrt_testing::SilentNameServer> server;
  TemporaryDirectory directory;
};

TEST_F(ProgramsWithASilentNameServer, ABrokerThatIsAboutToListenEndsBySigterm) {
  const std::string socket = directory.path() / "bus.sock";
  Program busrtd(directory.path(), "busrtd", {busrtd_program(), "-t", "3600", "-B", socket, "-B", nowhere});
  ASSERT_TRUE(server->asked()) << busrtd.err();
  busrtd.signal(SIGTERM);
  EXPECT_EQ(busrtd.wait(), 0) << busrtd.err();
  EXPECT_NE(busrtd.err().find("SIGTERM: ended before the start was complete"), std::string::npos)
      << busrtd.err();
  EXPECT_FALSE(std::filesystem::exists(socket)) << "and leaves nothing behind";
}

TEST_F(ProgramsWithASilentNameServer, ASignalEndsABrokerThatIsAboutToGoToTheBackground) {
  const std::string mark = (directory.path() / "bus.sock").string();
  Program busrtd(directory.path(), "busrtd",
                 {busrtd_program(), "-D", "-t", "3600", "-B", mark, "-B", nowhere});
  ASSERT_TRUE(server->asked()) << busrtd.err();
  ASSERT_EQ(processes_with(mark), 2U);
  busrtd.signal(SIGTERM);
  EXPECT_EQ(busrtd.wait(), 128 + SIGTERM) << busrtd.err();
  EXPECT_TRUE(wait_until([&mark] { return processes_with(mark) == 0; })) << "the one in the background";
}

TEST_F(ProgramsWithASilentNameServer, ABrokerWhoseAddressIsNotAnsweredForSaysSoAfterItsTimeout) {
  Program busrtd(directory.path(), "busrtd", {busrtd_program(), "-t", "0.2", "-B", nowhere});
  EXPECT_EQ(busrtd.wait(), 1) << busrtd.err();
  EXPECT_NE(busrtd.err().find("no name server has answered for no.such.host.example"), std::string::npos)
      << busrtd.err();
}

TEST_F(ProgramsWithASilentNameServer, AnAgentThatIsAboutToListenEndsBySigterm) {
  AgentUnderTest agent("[bus]\nlisten = [\"no.such.host.example:7777\"]\ntimeout_ms = 600000\n");
  ASSERT_TRUE(server->asked()) << agent.program().err();
  agent.program().signal(SIGTERM);
  EXPECT_EQ(agent.program().wait(), 0) << agent.program().err();
  EXPECT_FALSE(std::filesystem::exists(agent.socket())) << "and leaves nothing behind";
}

TEST_F(ProgramsWithASilentNameServer, ASignalEndsAProgramThatConnectsAtOnce) {
  const std::string state = directory.path() / "state";
  const std::string config = directory.path() / "agent.toml";
  std::ofstream(config) << "[bus]\nmode = \"external\"\naddress = \"" << nowhere
                        << "\"\ntimeout_ms = 600000\n";
  struct Case {
    std::vector<std::string> argv;
    int signal;
    int exit_code;
    std::chrono::milliseconds limit;
  };
  using namespace std::chrono_literals;
  const std::string procmond = std::filesystem::path(agent_program()).parent_path() / "procmond";
  for (const Case& each :
       std::vector<Case>{{{cli_program(), "--bus", nowhere, "status"}, SIGTERM, 2, 1s},
                         {{cli_program(), "--bus", nowhere, "--wait", "600", "status"}, SIGINT, 2, 1s},
                         {{cli_program(), "--bus", nowhere, "watch"}, SIGTERM, 2, 1s},
                         {{agent_program(), "--config", config, "--state-dir", state}, SIGTERM, 0, 1s},
                         {{agent_program(), "--config", config, "--state-dir", state}, SIGINT, 0, 1s},
                         // Its events wait for the bus until the drain of 4 s ends.
                         {{procmond, "--bus", nowhere}, SIGTERM, 0, 4500ms}}) {
    // A question of the program before, such as its second one, is not this one's.
    server.reset();
    auto started = busrt_testing::SilentNameServer::start();
    ASSERT_TRUE(started) << started.error().describe();
    server = *std::move(started);
    Program program(directory.path(), "program", each.argv);
    ASSERT_TRUE(server->asked()) << program.err();
    const auto sent = std::chrono::steady_clock::now();
    program.signal(each.signal);
    EXPECT_EQ(program.wait(), each.exit_code) << each.argv.front() << program.err();
    EXPECT_LT(std::chrono::steady_clock::now() - sent, each.limit) << each.argv.front() << program.err();
    EXPECT_EQ(program.err().find("cancel"), std::string::npos) << program.err();
  }
}

TEST_F(ProgramsWithASilentNameServer, ACommandEndsAtItsTimeout) {
  for (const std::string scheme : {"", "tcp://", "ws://", "wss://"}) {
    Program busrt(directory.path(), "busrt",
                  {busrt_program(), scheme + nowhere, "--timeout", "0.2", "broker", "test"});
    EXPECT_EQ(busrt.wait(), 1) << scheme << busrt.err();
    EXPECT_NE(busrt.err().find(nowhere), std::string::npos) << busrt.err();
  }
  Program status(directory.path(), "status", {cli_program(), "--bus", nowhere, "status"});
  EXPECT_EQ(status.wait(), 2) << status.err();
}

}  // namespace
}  // namespace system_tests
