// A collector as the agent has it: a process of its own, flags, signals and exit codes.

#include <signal.h>  // kill is POSIX, not C++
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "runtime_fixture.hpp"

extern char** environ;

namespace daemoneye::collector::testing {
namespace {

class Program : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "daemoneye-collector-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    socket_ = directory_ / "bus.sock";
    ASSERT_TRUE(broker_.listen(socket_.string()).has_value());
  }
  void TearDown() override {
    if (child_ > 0) {
      kill(child_, SIGKILL);
      static_cast<void>(wait_for_exit());
    }
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void run(std::vector<std::string> flags) {
    flags.insert(flags.begin(), TICKER_PROGRAM);
    std::vector<char*> argv;
    for (auto& flag : flags) argv.push_back(flag.data());
    argv.push_back(nullptr);
    ASSERT_EQ(posix_spawn(&child_, TICKER_PROGRAM, nullptr, nullptr, argv.data(), environ), 0);
  }
  /// The exit code, or minus the signal that ended it.
  int wait_for_exit() {
    int status = 0;
    int ended = 0;
    // The loop goes on meanwhile: the observer must read, or the broker would take it for a slow consumer.
    EXPECT_TRUE(loop_.until([&] { return (ended = waitpid(child_, &status, WNOHANG)) != 0; }));
    if (ended != child_) return -1000;
    child_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  monitor_testing::EventLoop loop_;
  std::filesystem::path directory_;
  std::filesystem::path socket_;
  busrt::Broker broker_;
  pid_t child_ = 0;
};

class ProgramSignals : public Program, public ::testing::WithParamInterface<int> {};

TEST_P(ProgramSignals, EndsItInOrder) {
  Observer observer(loop_, broker_.local());
  run({"--bus", socket_.string(), "--settings", R"({"events":2000})", "--log-level", "error"});
  ASSERT_TRUE(loop_.until([&] { return observer.saw_state("running"); }));
  ASSERT_EQ(kill(child_, GetParam()), 0);
  EXPECT_EQ(wait_for_exit(), 0);
  ASSERT_TRUE(loop_.until([&] { return observer.last_state() == "stopped"; }));
  const auto& last = observer.health.back();
  EXPECT_EQ(observer.events.size(), last.at("seq").to_number<std::uint64_t>())
      << "what was queued came first";
  EXPECT_EQ(last.at("queued"), 0);
}
INSTANTIATE_TEST_SUITE_P(Stop, ProgramSignals, ::testing::Values(SIGTERM, SIGINT));

TEST_F(Program, TheNameFlagNamesItOnTheBus) {
  Observer observer(loop_, broker_.local());
  run({"--bus", socket_.string(), "--name", "second", "--log-level", "error"});
  ASSERT_TRUE(loop_.until([&] { return observer.events.size() == 10; }));
  EXPECT_EQ(observer.events[0].collector, "second");
  EXPECT_EQ(events::topic_of(observer.events[0]), "events.performance.tick");
}

TEST_F(Program, SettingsThatTheSourceRefusesEndItWithTwo) {
  run({"--bus", socket_.string(), "--settings", R"({"colour":1})"});
  EXPECT_EQ(wait_for_exit(), 2);
}

TEST_F(Program, CheckedSettingsEndItWithThreeWhenTheSourceRefusesThem) {
  run({"--check-settings", "--settings", R"({"events":"many","colour":1})"});
  EXPECT_EQ(wait_for_exit(), 3);
  run({"--check-settings", "--settings", R"({"events":1})"});
  EXPECT_EQ(wait_for_exit(), 0);
}

TEST_F(Program, ABadFlagEndsItWithTwo) {
  run({"--nonsense"});
  EXPECT_EQ(wait_for_exit(), 2);
}

}  // namespace
}  // namespace daemoneye::collector::testing
