// Every program says so when its standard output takes no more, and ends with a failure.
#include <gtest/gtest.h>

#include "agent_process.hpp"
#include "busrt/broker.hpp"

namespace system_tests {
namespace {

/// Runs a shell line with the program's path before `arguments`.
struct Line {
  std::string program;
  std::string arguments;
  int exit_code;
};

void expect_failure(const std::filesystem::path& directory, const Line& line) {
  Program shell(directory, "shell", {"/bin/sh", "-c", line.program + " " + line.arguments});
  EXPECT_EQ(shell.wait(), line.exit_code) << line.arguments;
  const bool closed = line.arguments.find(">&-") != std::string::npos;
  const std::string why =
      closed ? "standard output: Bad file descriptor" : "standard output: No space left on device";
  EXPECT_NE(shell.err().find(why), std::string::npos) << line.arguments << ": " << shell.err();
}

TEST(Output, HelpVersionAndConfigurationThatCannotBeWrittenAreFailures) {
  const TemporaryDirectory directory;
  const std::string procmond = std::filesystem::path(agent_program()).parent_path() / "procmond";
  for (const Line& line :
       {Line{agent_program(), "--help >/dev/full", 1}, Line{agent_program(), "--version >/dev/full", 1},
        Line{agent_program(), "--check-config >/dev/full", 1}, Line{agent_program(), "--check-config >&-", 1},
        Line{cli_program(), "--help >/dev/full", 3}, Line{cli_program(), "--version >&-", 3},
        Line{busrt_program(), "--help >/dev/full", 1}, Line{busrtd_program(), "--version >/dev/full", 1},
        Line{procmond, "--help >/dev/full", 1}}) {
    expect_failure(directory.path(), line);
  }
}

TEST(Output, StatusAndWatchThatCannotBeWrittenAreFailures) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  for (const char* arguments : {" status >/dev/full", " --json status >/dev/full", " watch >/dev/full",
                                " status >&-", " watch >&-"}) {
    expect_failure(agent.directory(), {cli_program(), "--bus " + agent.address() + arguments, 3});
  }
  Program json(
      agent.directory(), "json",
      {"/bin/sh", "-c", "exec " + cli_program() + " --bus " + agent.address() + " --json watch >/dev/full"});
  ASSERT_TRUE(wait_until([&] {
    static_cast<void>(Program(agent.directory(), "noise", {"/bin/true"}).wait());
    return !alive(json.pid());
  }));
  EXPECT_EQ(json.wait(), 3);
  EXPECT_NE(json.err().find("standard output: No space left on device"), std::string::npos) << json.err();
  EXPECT_NE(json.err().find("shown; "), std::string::npos)
      << "and it still gives its account: " << json.err();
}

TEST(Output, TheBusrtCommandLineFailsWhenItCannotPrint) {
  const TemporaryDirectory directory;
  const std::string socket = directory.path() / "bus.sock";
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(socket));
  for (const char* arguments :
       {" publish a/b c", " -s publish a/b c", " broker client.list", " broker test", " -s broker test",
        " broker stats", " rpc call .broker test", " -s rpc call .broker info", " listen -t '#'",
        " rpc listen", " -s rpc listen", " rpc notify .broker x", " benchmark -i 10"}) {
    expect_failure(directory.path(), {busrt_program(), socket + arguments + " >/dev/full", 1});
  }
  // A closed stream must not leave its number to the connection.
  expect_failure(directory.path(), {busrt_program(), socket + " publish a/b c >&-", 1});
}

}  // namespace
}  // namespace system_tests
