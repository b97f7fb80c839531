// Collectors that a real keeper runs; agent_under_keeper.cpp plays the agent.
#include "supervisor/keeper_process_host.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>

#include "daemoneye_keeper/src/keeper.hpp"

namespace daemoneye_agent {
namespace {

/// Runs the scenario under a keeper. Returns the keeper's exit code; `output` is what the agent printed.
int under_keeper(const std::string& scenario, std::string& output) {
  std::array<int, 2> pipe{};
  EXPECT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  const pid_t keeper = ::fork();
  if (keeper == 0) {
    ::dup2(pipe[1], STDOUT_FILENO);
    sigset_t none;
    sigemptyset(&none);
    daemoneye_keeper::KeeperConfig config;
    config.agent = {AGENT_UNDER_KEEPER, scenario};
    config.log = [](busrt::base::LogLevel, std::string_view) {};
    daemoneye_keeper::Keeper keeping(std::move(config), busrt::base::ServiceNotifier());
    const auto end = keeping.run(::signalfd(-1, &none, SFD_CLOEXEC | SFD_NONBLOCK));
    ::_exit(end && WIFEXITED(*end) ? WEXITSTATUS(*end) : 99);
  }
  ::close(pipe[1]);
  std::array<char, 256> bytes{};
  ssize_t got = 0;
  while ((got = ::read(pipe[0], bytes.data(), bytes.size())) > 0)
    output.append(bytes.data(), static_cast<std::size_t>(got));
  ::close(pipe[0]);
  int status = 0;
  EXPECT_EQ(::waitpid(keeper, &status, 0), keeper);
  return WEXITSTATUS(status);
}

int under_keeper(const std::string& scenario) {
  std::string output;
  return under_keeper(scenario, output);
}

TEST(KeeperProcessHost, TellsOutputAndThenTheEndInTheOrderOfAChild) {
  EXPECT_EQ(under_keeper("output_and_end"), 0);
}

TEST(KeeperProcessHost, SignalsByNameAndFreesItAfterTheEnd) {
  EXPECT_EQ(under_keeper("signals"), 0);
}

TEST(KeeperProcessHost, AProgramThatCannotRunIsAnErrorThatNamesIt) {
  EXPECT_EQ(under_keeper("no_program"), 0);
}

TEST(KeeperProcessHost, TheKeeperRefusesWhatItDoesNotKnow) {
  EXPECT_EQ(under_keeper("refusals"), 0);
}

TEST(KeeperProcessHost, ACollectorOutlivesKilledAgentsAndItsEndIsNotLost) {
  EXPECT_EQ(under_keeper("adoption"), 0);
}

TEST(KeeperProcessHost, TheKeeperEndsWhatAnAgentThatEndsInOrderHasLeft) {
  std::string output;
  EXPECT_EQ(under_keeper("leaves_one", output), 0);
  const pid_t left = std::stoi(output);
  EXPECT_EQ(::kill(left, 0), -1);
  EXPECT_EQ(errno, ESRCH);
}

TEST(KeeperConnection, ThereIsNoneWithoutAKeeperAndNoOtherSocketIsTakenForOne) {
  ::unsetenv("DAEMONEYE_KEEPER");
  const auto none = KeeperConnection::from_environment();
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
  for (const char* number : {"", "x", "1", "99999", "-1", "3x"}) {
    ::setenv("DAEMONEYE_KEEPER", number, 1);
    EXPECT_FALSE(KeeperConnection::from_environment()) << number;
    EXPECT_EQ(::getenv("DAEMONEYE_KEEPER"), nullptr) << "no child gets it";
  }
}

}  // namespace
}  // namespace daemoneye_agent
