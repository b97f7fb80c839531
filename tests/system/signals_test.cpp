// A signal that is ignored when a program starts stays ignored: nohup, and background jobs of a script.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

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
  pid_t proper = -1;
  std::ifstream(directory.path() / "state" / "agent.lock") >> proper;
  ASSERT_GT(proper, 0);
  expect_ignored(proper);
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

TEST(Hangup, AsksAServiceWithoutATerminalToReadItsFilesAgain) {
  const TemporaryDirectory directory;
  Program agent(directory.path(), "agent",
                {agent_program(), "--bus", "ipc://" + (directory.path() / "bus.sock").string(), "--state-dir",
                 (directory.path() / "state").string()});
  ASSERT_TRUE(wait_until([&agent] { return agent.err().find(") running") != std::string::npos; }))
      << agent.err();
  agent.signal(SIGHUP);
  EXPECT_TRUE(wait_until([&agent] { return agent.err().contains("SIGHUP: no file is to be read again"); }))
      << agent.err();
  agent.signal(SIGTERM);
  EXPECT_EQ(agent.wait(), 0);
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

std::string first_line(const std::filesystem::path& file) {
  std::string line;
  std::ifstream stream(file);
  std::getline(stream, line);
  return line;
}

std::vector<std::filesystem::path> threads_of(pid_t pid) {
  std::vector<std::filesystem::path> threads;
  std::error_code gone;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone))
    threads.push_back(entry.path());
  return threads;
}

bool all_threads_sleep(pid_t pid) {
  const auto threads = threads_of(pid);
  return !threads.empty() && std::ranges::all_of(threads, [](const std::filesystem::path& thread) {
    const std::string stat = first_line(thread / "stat");
    const auto name_end = stat.rfind(") ");
    return name_end != std::string::npos && stat[name_end + 2] == 'S';
  });
}

bool has_socket(pid_t pid) {
  std::error_code gone;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
    std::error_code closed;
    if (std::filesystem::read_symlink(entry.path(), closed).string().starts_with("socket:")) return true;
  }
  return false;
}

/// What a command before an agent that does not answer does after a signal.
class Stuck : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
    ASSERT_GT(agent.agent_pid(), 0);
    ASSERT_EQ(::kill(agent.agent_pid(), SIGSTOP), 0);
  }
  void TearDown() override { ::kill(agent.agent_pid(), SIGCONT); }

  /// Starts it, and waits until its handlers are in place and it waits for the agent.
  void expect_end(const std::string& command, int number, int exit_code) {
    Program program(agent.directory(), "stuck",
                    {"/bin/sh", "-c", "exec " + cli_program() + " --bus " + agent.address() + command});
    ASSERT_TRUE(wait_until([&] { return holds(signals_of(program.pid(), "SigCgt"), SIGTERM); }));
    ASSERT_TRUE(wait_until([&] { return has_socket(program.pid()) && all_threads_sleep(program.pid()); }));
    ASSERT_TRUE(alive(program.pid())) << command << program.err();
    const auto sent = std::chrono::steady_clock::now();
    program.signal(number);
    EXPECT_EQ(program.wait(), exit_code) << command << program.err();
    EXPECT_LT(std::chrono::steady_clock::now() - sent, std::chrono::seconds(1)) << command;
  }

  AgentUnderTest agent;
};

TEST_F(Stuck, AnAgentThatIsStoppedDoesNotHoldUpACommandAfterASignal) {
  for (const int number : {SIGTERM, SIGINT}) {
    expect_end(" status", number, 2);
    expect_end(" --wait 600 status", number, 2);
    expect_end(" watch", number, 2);
  }
}

/// A fifo that is full and has a reader that does not read.
class FullPipe {
 public:
  explicit FullPipe(std::filesystem::path path) : path_(std::move(path)) {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    const std::string block(4096, 'x');
    while (::write(descriptor_, block.data(), block.size()) > 0) continue;
  }
  ~FullPipe() { ::close(descriptor_); }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;
  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
};

TEST(FullOutput, DoesNotHoldUpACommandAfterASignal) {
  AgentUnderTest agent;
  ASSERT_TRUE(agent.wait_for_state("running")) << agent.program().err();
  const FullPipe pipe(agent.directory() / "pipe");
  const std::string here = cli_program() + " --bus " + agent.address();
  const std::string nowhere = cli_program() + " --bus " + (agent.directory() / "none").string();
  for (const std::string& command :
       {nowhere + " status 2>" + pipe.path(), nowhere + " watch 2>" + pipe.path(),
        here + " --json watch 2>" + pipe.path(), here + " status >" + pipe.path(),
        here + " --json status >" + pipe.path(), here + " status >" + pipe.path() + " 2>" + pipe.path()}) {
    for (const int number : {SIGTERM, SIGINT}) {
      Program program(agent.directory(), "full", {"/bin/sh", "-c", "exec " + command});
      ASSERT_TRUE(wait_until([&] { return holds(signals_of(program.pid(), "SigCgt"), SIGTERM); }));
      ASSERT_TRUE(wait_until([&] { return all_threads_sleep(program.pid()); })) << command;
      ASSERT_TRUE(alive(program.pid())) << command << program.err();
      const auto sent = std::chrono::steady_clock::now();
      program.signal(number);
      EXPECT_TRUE(program.wait()) << command;
      EXPECT_LT(std::chrono::steady_clock::now() - sent, std::chrono::seconds(1)) << command;
    }
  }
}

}  // namespace
}  // namespace system_tests
