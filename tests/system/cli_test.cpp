// The operator's command line against a real agent.
#include <gtest/gtest.h>
#include <signal.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <sstream>

#include "agent_process.hpp"

namespace system_tests {
namespace {

/// Makes processes until the condition holds, so that there is always something to see.
bool make_events_until(const std::filesystem::path& directory, const std::function<bool()>& condition) {
  return wait_until([&] {
    static_cast<void>(Program(directory, "noise", {"/bin/true"}).wait());
    return condition();
  });
}

TEST(Cli, StatusIsATableForPeopleAndJsonForPrograms) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  Program table(agent.directory(), "table", {cli_program(), "--bus", agent.address(), "status"});
  EXPECT_EQ(table.wait(), 0) << table.out() << table.err();
  EXPECT_NE(table.out().find("COLLECTOR"), std::string::npos);
  EXPECT_NE(table.out().find("procmond"), std::string::npos);
  EXPECT_NE(table.out().find("cannot see:"), std::string::npos) << table.out();
  EXPECT_EQ(table.out().find('\x1b'), std::string::npos) << "no colours where there is no terminal";

  Program json(agent.directory(), "json", {cli_program(), "--bus", agent.address(), "status", "--json"});
  EXPECT_EQ(json.wait(), 0);
  EXPECT_TRUE(boost::json::parse(json.out()).at("complete").as_bool());
}

TEST(Cli, StatusOfADegradedAgentExitsWithOne) {
  AgentUnderTest agent("[collectors.procmond]\npath = \"/bin/false\"\nrestart = { max_restarts = 0 }\n");
  ASSERT_TRUE(agent.wait_for_state("failed")) << agent.program().err();
  Program status(agent.directory(), "status", {cli_program(), "--bus", agent.address(), "status"});
  EXPECT_EQ(status.wait(), 1);
  EXPECT_NE(status.out().find("degraded:\n  procmond: is failed: given up"), std::string::npos)
      << status.out();
}

TEST(Cli, StatusOfAnAgentThatIsWholeAgainSaysSinceWhen) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const auto first = agent.collector().at("pid").to_number<pid_t>();
  ASSERT_EQ(::kill(first, SIGKILL), 0);
  ASSERT_TRUE(wait_until([&agent, first] {
    const auto now = agent.collector();
    return now.at("state").as_string() == "running" && now.at("pid").to_number<pid_t>() != first;
  }));
  Program status(agent.directory(), "status", {cli_program(), "--bus", agent.address(), "status"});
  EXPECT_EQ(status.wait(), 0) << status.out();
  EXPECT_NE(status.out().find("\nwhole again since 20"), std::string::npos) << status.out();
  EXPECT_NE(status.out().find("\nnot complete:\n  procmond, from 20"), std::string::npos) << status.out();
  Program strict(agent.directory(), "strict",
                 {cli_program(), "--bus", agent.address(), "status", "--strict"});
  EXPECT_EQ(strict.wait(), 1);
}

TEST(Cli, WithoutAnAgentItSaysWhereItLookedAndWhatToDo) {
  const TemporaryDirectory directory;
  const std::string address = "ipc://" + (directory.path() / "none.sock").string();
  for (const std::string command : {"status", "watch"}) {
    Program cli(directory.path(), command, {cli_program(), "--bus", address, command});
    EXPECT_EQ(cli.wait(), 2);
    EXPECT_NE(cli.err().find(address), std::string::npos) << cli.err();
    EXPECT_NE(cli.err().find("daemoneye-agent --bus"), std::string::npos) << cli.err();
  }
}

TEST(Cli, WatchShowsEventsAsJsonLinesUpToACount) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  Program watch(agent.directory(), "watch",
                {cli_program(), "--bus", agent.address(), "--json", "watch", "--count", "5"});
  ASSERT_TRUE(make_events_until(agent.directory(), [&watch] { return !alive(watch.pid()); })) << watch.err();
  EXPECT_EQ(watch.wait(), 0);
  std::istringstream lines(watch.out());
  std::string line;
  int count = 0;
  while (std::getline(lines, line)) {
    EXPECT_EQ(boost::json::parse(line).at("collector").as_string(), "procmond");
    ++count;
  }
  EXPECT_EQ(count, 5);
  EXPECT_NE(watch.err().find("watching events.* on " + agent.address()), std::string::npos) << watch.err();
  EXPECT_NE(watch.err().find("cannot see:"), std::string::npos) << watch.err();
  EXPECT_NE(watch.err().find("5 events shown; nothing was lost"), std::string::npos) << watch.err();
}

TEST(Cli, WatchEndsWithAnAccountOnCtrlC) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  Program watch(agent.directory(), "watch", {cli_program(), "--bus", agent.address(), "watch"});
  ASSERT_TRUE(make_events_until(agent.directory(), [&watch] {
    return watch.out().find("process.exit") != std::string::npos;
  })) << watch.out();
  watch.signal(SIGINT);
  EXPECT_EQ(watch.wait(), 0);
  EXPECT_NE(watch.out().find("TIME"), std::string::npos);
  EXPECT_NE(watch.out().find("shown; nothing was lost"), std::string::npos) << watch.out();
}

TEST(Cli, AReaderThatGoesAwayEndsTheWatchQuietly) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  Program pipe(agent.directory(), "pipe",
               {"/bin/bash", "-c",
                cli_program() + " --bus " + agent.address() + " watch | head -n 1; exit ${PIPESTATUS[0]}"});
  ASSERT_TRUE(make_events_until(agent.directory(), [&pipe] { return !alive(pipe.pid()); })) << pipe.err();
  EXPECT_EQ(pipe.wait(), 0);
  EXPECT_EQ(pipe.err(), "");
}

TEST(Cli, WatchCanBeStartedBeforeTheAgent) {
  const TemporaryDirectory directory;
  const std::string address = "ipc://" + (directory.path() / "run" / "bus.sock").string();
  Program watch(directory.path(), "watch",
                {cli_program(), "--bus", address, "--wait", "30", "watch", "--count", "1"});
  Program agent(directory.path(), "agent",
                {agent_program(), "--bus", address, "--state-dir", (directory.path() / "state").string()});
  ASSERT_TRUE(make_events_until(directory.path(), [&watch] { return !alive(watch.pid()); })) << watch.err();
  EXPECT_EQ(watch.wait(), 0) << watch.err();
}

TEST(Cli, WatchSaysWhenTheBusGoesAway) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  Program watch(agent.directory(), "watch", {cli_program(), "--bus", agent.address(), "watch"});
  ASSERT_TRUE(wait_until([&watch] { return watch.out().find("TIME") != std::string::npos; }));
  agent.program().signal(SIGTERM);
  ASSERT_EQ(agent.program().wait(), 0);
  EXPECT_EQ(watch.wait(), 2);
  EXPECT_NE(watch.err().find("the connection to " + agent.address() + " ended"), std::string::npos)
      << watch.err();
}

TEST(Cli, AFileAtTheBusAddressIsNoSocketThatAnAgentHasLeft) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() / "plain";
  std::ofstream(path) << "precious";
  for (const char* command : {"status", "watch"}) {
    Program program(directory.path(), "cli", {cli_program(), "--bus", path, command});
    EXPECT_EQ(program.wait(), 2);
    EXPECT_NE(
        program.err().find(path + " is no socket; name the agent's address with --bus or DAEMONEYE_BUS"),
        std::string::npos)
        << program.err();
  }
  Program agent(directory.path(), "agent",
                {agent_program(), "--bus", "ipc://" + path, "--state-dir", directory.path() / "state"});
  EXPECT_EQ(agent.wait(), 1);
  EXPECT_NE(agent.err().find("what is there is not a socket"), std::string::npos) << agent.err();
  EXPECT_EQ(agent.err().find("(busy)"), std::string::npos) << agent.err();
}

}  // namespace
}  // namespace system_tests
