// What `daemoneye watch` claims at its end, whatever ends and whoever lies.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <sstream>

#include "agent_process.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "daemoneye/events/event.hpp"

namespace system_tests {
namespace {

using namespace std::chrono_literals;

/// A watch whose head is printed, so that it is subscribed to everything.
class WatchTest : public ::testing::Test {
 protected:
  void start(std::string_view config = {}) {
    agent_.emplace(config);
    ASSERT_TRUE(agent_->wait_for_state("running")) << agent_->program().err();
    watch_.emplace(agent_->directory(), "watch",
                   std::vector<std::string>{cli_program(), "--bus", agent_->address(), "watch"});
    ASSERT_TRUE(shows("TIME")) << watch_->err();
  }
  [[nodiscard]] bool shows(const std::string& text) {
    return wait_until([&] { return watch_->out().find(text) != std::string::npos; });
  }
  /// Ends it by Ctrl-C and returns its last line.
  std::string summary(int exit_code = 0) {
    watch_->signal(SIGINT);
    EXPECT_EQ(watch_->wait(), exit_code);
    return last_line();
  }
  [[nodiscard]] std::string last_line() const {
    std::istringstream lines(watch_->out());
    std::string line, last;
    while (std::getline(lines, line)) last = line;
    return last;
  }
  [[nodiscard]] pid_t collector_pid() const { return agent_->collector().at("pid").to_number<pid_t>(); }

  std::optional<AgentUnderTest> agent_;
  std::optional<Program> watch_;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(WatchTest, AKilledCollectorIsInTheSummary) {
  ASSERT_NO_FATAL_FAILURE(start());
  ASSERT_EQ(::kill(collector_pid(), SIGKILL), 0);
  ASSERT_TRUE(shows("!! procmond watches again")) << watch_->out();
  EXPECT_TRUE(has(watch_->out(), "!! procmond ended with signal 9 (Killed); the last that it saw"))
      << watch_->out();
  const std::string said = summary();
  EXPECT_TRUE(has(said, "not known to be complete: procmond ended once without a last word")) << said;
  EXPECT_FALSE(has(said, "nothing was lost")) << said;
}

TEST_F(WatchTest, OneThatIsGivenUpIsInTheSummary) {
  ASSERT_NO_FATAL_FAILURE(start("[collectors.procmond]\nrestart = { max_restarts = 0 }\n"));
  ASSERT_EQ(::kill(collector_pid(), SIGKILL), 0);
  ASSERT_TRUE(shows("!! procmond is not started again: given up")) << watch_->out();
  const std::string said = summary();
  EXPECT_TRUE(has(said, "nothing of procmond is seen since")) << said;
  EXPECT_TRUE(has(said, "given up")) << said;
}

TEST_F(WatchTest, OneThatHangsIsInTheSummary) {
  ASSERT_NO_FATAL_FAILURE(
      start("[collectors.procmond.health]\ninterval_ms = 50\ntimeout_ms = 100\nmax_missed = 1000\n"));
  const pid_t collector = collector_pid();
  ASSERT_EQ(::kill(collector, SIGSTOP), 0);
  ASSERT_TRUE(wait_until([this] { return agent_->collector().contains("silent_since"); }));
  const std::string said = summary();
  EXPECT_TRUE(has(said, "nothing of procmond is seen since")) << said;
  EXPECT_TRUE(has(said, "does not answer the agent since")) << said;
  ASSERT_EQ(::kill(collector, SIGCONT), 0);
}

TEST_F(WatchTest, AnAgentThatDiesIsInTheSummary) {
  ASSERT_NO_FATAL_FAILURE(start());
  agent_->program().signal(SIGKILL);
  EXPECT_EQ(watch_->wait(), 2);
  EXPECT_TRUE(has(last_line(), "not known to be complete: ")) << watch_->out();
  EXPECT_TRUE(has(last_line(), "the bus is gone since")) << watch_->out();
}

TEST_F(WatchTest, AnAgentThatDiesWhileTheBusStaysIsInTheSummary) {
  const TemporaryDirectory directory;
  const std::string address = "ipc://" + (directory.path() / "broker.sock").string();
  busrt::Broker broker;
  ASSERT_TRUE(broker.listen(address));
  Program agent(directory.path(), "agent",
                {"/usr/bin/env", "DAEMONEYE_BUS_MODE=external", agent_program(), "--bus", address,
                 "--state-dir", (directory.path() / "state").string()});
  watch_.emplace(directory.path(), "watch",
                 std::vector<std::string>{cli_program(), "--bus", address, "watch"});
  ASSERT_TRUE(shows("TIME")) << watch_->err();
  ASSERT_TRUE(wait_until([&agent] { return has(agent.err(), "procmond (pid"); })) << agent.err();
  agent.signal(SIGKILL);
  ASSERT_EQ(agent.wait(), -SIGKILL);
  ASSERT_TRUE(shows("!! the agent left the bus")) << watch_->out();
  const std::string said = summary();
  EXPECT_TRUE(has(said, "the agent is gone since")) << said;
}

daemoneye::events::Event forged_event() {
  daemoneye::events::Event event;
  event.collector = "procmond";
  event.epoch = 1;
  event.seq = 1'000'000;
  event.domain = "process";
  event.kind = "exec";
  event.data = {{"forged", true}};
  return event;
}

TEST_F(WatchTest, ForgedEventsAreCountedAndNeverShown) {
  ASSERT_NO_FATAL_FAILURE(start());
  Program json(agent_->directory(), "json", {cli_program(), "--bus", agent_->address(), "--json", "watch"});
  ASSERT_TRUE(wait_until([&json] { return has(json.err(), "cannot see:"); })) << json.err();
  for (const std::string name : {"stranger", "impostor"}) {
    busrt::BlockingClient client({.name = name, .address = agent_->address()});
    ASSERT_TRUE(client.connect()) << name;
    ASSERT_TRUE(client.publish("events.process.exec",
                               busrt::as_bytes(daemoneye::events::encode_event(forged_event()))));
    ASSERT_TRUE(client.publish("events.process.exec", busrt::as_bytes("forged\n{}")));
    ASSERT_TRUE(client.publish("control.collector.exited", busrt::as_bytes(R"({"collector":"procmond"})")));
    ASSERT_TRUE(shows("not shown, from " + name)) << watch_->out();
  }
  EXPECT_TRUE(wait_until([this] {
    return has(boost::json::serialize(agent_->status()->at("incomplete")),
               "4 frames on event topics refused");
  })) << "the agent refuses them as well";
  const std::string said = summary();
  EXPECT_TRUE(has(said, "nothing was lost; 6 frames not shown")) << said;
  EXPECT_FALSE(has(watch_->out(), "forged")) << watch_->out();
  json.signal(SIGTERM);
  EXPECT_EQ(json.wait(), 0);
  EXPECT_FALSE(has(json.out(), "forged")) << json.out();
  EXPECT_TRUE(has(json.err(), "6 frames not shown")) << json.err();
}

TEST_F(WatchTest, AnEmptyPatternIsNamedAndNotTheAgent) {
  const TemporaryDirectory directory;
  Program cli(directory.path(), "cli", {cli_program(), "watch", ""});
  EXPECT_EQ(cli.wait(), 2);
  EXPECT_TRUE(has(cli.err(), "the pattern \"\" is empty")) << cli.err();
  EXPECT_FALSE(has(cli.err(), "agent")) << cli.err();
}

/// A signal is delivered when it is no longer pending.
bool delivered(pid_t pid) {
  return wait_until([pid] {
    std::ifstream status(fmt::format("/proc/{}/status", pid));
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("ShdPnd:")) return line.find_first_not_of("0 \t", 7) == std::string::npos;
    }
    return true;
  });
}

TEST_F(WatchTest, TwoSignalsWhileItsReaderIsSlowStillLeaveTheSummary) {
  agent_.emplace();
  ASSERT_TRUE(agent_->wait_for_state("running")) << agent_->program().err();
  const std::string fifo = agent_->directory() / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int reader = ::open(fifo.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  // Full before the watch begins, so that it cannot even print its head.
  std::array<char, 4096> chunk{};
  while (::write(reader, chunk.data(), chunk.size()) > 0) {
  }
  watch_.emplace(
      agent_->directory(), "watch",
      std::vector<std::string>{"/bin/sh", "-c",
                               "exec " + cli_program() + " --bus " + agent_->address() + " watch >" + fifo});
  // Connected means that it is past the start; it goes no further than its first write.
  ASSERT_TRUE(wait_until([this] {
    busrt::BlockingRpcClient client({.name = "asker", .address = agent_->address()});
    if (!client.connect()) return false;
    const auto reply = client.call(".broker", "client.list");
    return reply && has(std::string(busrt::as_text(reply->payload)), "daemoneye-watch");
  }));
  watch_->signal(SIGTERM);
  ASSERT_TRUE(delivered(watch_->pid()));
  watch_->signal(SIGTERM);
  std::string text;
  ASSERT_TRUE(wait_until([&] {
    for (ssize_t got = 0; (got = ::read(reader, chunk.data(), chunk.size())) > 0;)
      text.append(chunk.data(), static_cast<std::size_t>(got));
    return !alive(watch_->pid());
  }));
  EXPECT_EQ(watch_->wait(), 0);
  for (ssize_t got = 0; (got = ::read(reader, chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(got));
  ::close(reader);
  EXPECT_TRUE(has(text, "shown; nothing was lost")) << text.substr(text.rfind('\0') + 1);
}

}  // namespace
}  // namespace system_tests
