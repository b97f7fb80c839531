// The programs with a name server that does not answer. As root.
#include <gtest/gtest.h>
#include <signal.h>

#include "agent_process.hpp"
#include "busrt_testing/silent_name_server.hpp"

namespace system_tests {
namespace {

constexpr const char* nowhere = "no.such.host.example:7777";

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
