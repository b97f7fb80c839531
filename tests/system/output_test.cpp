// Every program says so when its standard output takes no more, and ends with a failure.
#include <gtest/gtest.h>

#include <fstream>

#include "agent_process.hpp"
#include "busrt/blocking_client.hpp"
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
        " rpc listen", " -s rpc listen", " rpc notify .broker x", " benchmark -i 10",
        " access explain a publish t"}) {
    expect_failure(directory.path(), {busrt_program(), socket + arguments + " >/dev/full", 1});
  }
  const std::string rules = directory.path() / "rules.toml";
  std::ofstream(rules) << "[[client]]\nname = \"a\"\npublish = [\"t\"]\n";
  expect_failure(directory.path(),
                 {busrt_program(), "access explain a publish t --file " + rules + " >/dev/full", 1});
  // A closed stream must not leave its number to the connection.
  expect_failure(directory.path(), {busrt_program(), socket + " publish a/b c >&-", 1});
}

/// A reader that leaves after the last line that the command prints by itself, and the command's exit code.
std::string read_by(const std::string& command, const std::string& reader) {
  return command + " | " + reader + "; exit ${PIPESTATUS[0]}";
}

TEST(Output, ACommandWhoseReaderHasGoneEndsThoughNothingComes) {
  const TemporaryDirectory directory;
  const std::string socket = directory.path() / "bus.sock";
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(socket));
  busrt::BlockingClient mute({.name = "mute", .endpoint = broker.local()});
  ASSERT_TRUE(mute.connect());
  const std::string busrt = busrt_program() + " " + socket + " --timeout 3600";
  const std::string nowhere = cli_program() + " --bus ipc://" + socket + ".none --wait 3600";
  struct Case {
    std::string command;
    std::string reader;
    int exit_code;
  };
  for (const auto& [command, reader, exit_code] :
       std::vector<Case>{{busrt + " -s listen -t '#'", "head -n 2", 0},
                         {busrt + " -s rpc listen", "head -n 2", 0},
                         {busrt + " listen -t '#'", "true", 0},
                         {busrt + " benchmark -i 4000000000", "head -n 2", 0},
                         {busrt + " rpc call mute method", "head -n 1", 1},
                         {cli_program() + " --bus ipc://" + socket + " watch", "sed /WHAT/q", 0},
                         {nowhere + " watch", "true", 2},
                         {nowhere + " status", "true", 2}}) {
    Program shell(directory.path(), "shell", {"/bin/bash", "-c", read_by(command, reader)});
    EXPECT_EQ(shell.wait(), exit_code) << command << ": " << shell.out() << shell.err();
  }
  EXPECT_TRUE(wait_until([&broker] { return broker.clients().size() == 1; })) << "the broker still has them";
}

TEST(Output, ACommandThatSendsDoesSoThoughNobodyReadsWhatItSays) {
  const TemporaryDirectory directory;
  const std::string socket = directory.path() / "bus.sock";
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(socket));
  busrt::BlockingClient target({.name = "target", .endpoint = broker.local()});
  ASSERT_TRUE(target.connect());
  const std::string busrt = busrt_program() + " " + socket;
  const auto send_to = [&busrt](const std::string& name) {
    // The reader has gone before the command begins.
    return std::vector<std::string>{"/bin/bash", "-c",
                                    "exec 3> >(true); wait $!; " + busrt + " send " + name + " x >&3"};
  };
  Program heard(directory.path(), "heard", send_to("target"));
  EXPECT_EQ(heard.wait(), 0) << heard.err();
  EXPECT_TRUE(target.receive(patience));
  Program refused(directory.path(), "refused", send_to("nobody"));
  EXPECT_EQ(refused.wait(), 1) << refused.err();
}

TEST(Output, StandardInputWithoutAnEndIsRefusedWhereNoFrameHoldsIt) {
  const TemporaryDirectory directory;
  const std::string socket = directory.path() / "bus.sock";
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(socket));
  for (const std::string command :
       {" publish a/b", " send a", " rpc notify a", " rpc call .broker benchmark.test -"}) {
    Program shell(directory.path(), "shell",
                  {"/bin/sh", "-c", busrt_program() + " " + socket + command + " </dev/zero"});
    EXPECT_EQ(shell.wait(), 1) << command;
    EXPECT_NE(shell.err().find("standard input: more than 67108864 bytes"), std::string::npos) << shell.err();
  }
}

TEST(Output, AListenerPrintsThePayloadsThatAreSent) {
  const TemporaryDirectory directory;
  const std::string socket = directory.path() / "bus.sock";
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(socket));
  Program listener(directory.path(), "listener", {busrt_program(), socket, "-s", "listen", "-t", "#"});
  ASSERT_TRUE(wait_until([&] { return listener.out().find("Listening") != std::string::npos; }));
  busrt::BlockingClient sender({.name = "sender", .endpoint = broker.local()});
  ASSERT_TRUE(sender.connect());
  ASSERT_TRUE(sender.publish("t", busrt::as_bytes(R"({"n":12345678901234567890123,"n":1.10})")));
  ASSERT_TRUE(sender.publish("t", busrt::as_bytes("\xC2\x9B")));
  ASSERT_TRUE(sender.publish("t", busrt::as_bytes("end")));
  ASSERT_TRUE(wait_until([&] { return listener.out().find(" end\n") != std::string::npos; }))
      << listener.out();
  EXPECT_NE(listener.out().find("\n{\"n\":12345678901234567890123,\"n\":1.10}\n"), std::string::npos)
      << listener.out();
  EXPECT_NE(listener.out().find("\n \xC2\x9B\n"), std::string::npos) << "a file gets bytes as they came";
}

}  // namespace
}  // namespace system_tests
