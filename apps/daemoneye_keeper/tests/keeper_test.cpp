// The keeper's whole loop in a process of its own, with /bin/sh as the agent.
#include "keeper.hpp"

#include <gtest/gtest.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace daemoneye_keeper {
namespace {

using namespace std::chrono_literals;

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

/// What this process does as the keeper of a script.
int keep(const std::string& script, const std::string& log_file) {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&handled, number);
  ::sigprocmask(SIG_BLOCK, &handled, nullptr);
  KeeperConfig config;
  config.agent = {"/bin/sh", "-c", script};
  config.log = [log_file](busrt::base::LogLevel, std::string_view line) {
    std::ofstream(log_file, std::ios::app) << line << '\n';
  };
  Keeper keeper(std::move(config), busrt::base::ServiceNotifier());
  const auto end = keeper.run(::signalfd(-1, &handled, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!end) return 99;
  return WIFSIGNALED(*end) ? 100 + WTERMSIG(*end) : WEXITSTATUS(*end);
}

class KeeperTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "daemoneye-keeper-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
  }
  void TearDown() override {
    if (keeper_ > 0) {
      ::kill(keeper_, SIGKILL);
      ::waitpid(keeper_, nullptr, 0);
    }
    std::filesystem::remove_all(directory_);
  }
  void start(const std::string& script) {
    keeper_ = ::fork();
    if (keeper_ == 0)
      ::_exit(keep("cd " + directory_.string() + "; " + script, (directory_ / "log").string()));
  }
  /// The exit code, 100 and the number for a signal; -1: it still runs.
  int wait() {
    int status = 0;
    const bool over = eventually([&] { return ::waitpid(keeper_, &status, WNOHANG) == keeper_; });
    if (!over) return -1;
    keeper_ = -1;
    return WEXITSTATUS(status);
  }
  [[nodiscard]] std::string text(const std::string& name) const {
    std::ostringstream whole;
    whole << std::ifstream(directory_ / name).rdbuf();
    return whole.str();
  }

  std::filesystem::path directory_;
  pid_t keeper_ = -1;
};

TEST_F(KeeperTest, EndsWithTheExitCodeOfAnAgentThatWasNeverReady) {
  start("exit 3");
  EXPECT_EQ(wait(), 3);
}

TEST_F(KeeperTest, EndsByTheSignalOfAnAgentThatWasNeverReady) {
  start("kill -9 $$");
  EXPECT_EQ(wait(), 100 + SIGKILL);
}

TEST_F(KeeperTest, PassesSignalsOnOnceAndEndsAsTheAgentDoes) {
  start(
      "trap 'echo hup >> signals' HUP; trap 'echo term >> signals; exit 4' TERM; echo up > up; "
      "while :; do sleep 0.02; done");
  ASSERT_TRUE(eventually([this] { return !text("up").empty(); }));
  ::kill(keeper_, SIGHUP);
  ASSERT_TRUE(eventually([this] { return text("signals") == "hup\n"; }));
  ::kill(keeper_, SIGTERM);
  EXPECT_EQ(wait(), 4);
  EXPECT_EQ(text("signals"), "hup\nterm\n");
}

TEST_F(KeeperTest, TheAgentDiesWithItsKeeperAndIsInAGroupOfItsOwn) {
  start("echo $$ $(cut -d' ' -f5 /proc/$$/stat) > pid; exec sleep 1000");
  ASSERT_TRUE(eventually([this] { return text("pid").ends_with("\n"); }));
  pid_t agent = 0;
  pid_t group = 0;
  std::istringstream(text("pid")) >> agent >> group;
  EXPECT_EQ(agent, group);
  ::kill(keeper_, SIGKILL);
  EXPECT_TRUE(eventually([agent] {
    std::ifstream stat("/proc/" + std::to_string(agent) + "/stat");
    std::string line;
    return !std::getline(stat, line) || line.contains(") Z ");
  }));
}

TEST_F(KeeperTest, AProgramThatCannotRunIsAnError) {
  Keeper keeper({.agent = {"/nonexistent/agent"}, .sigpipe_ignored = false, .log = {}},
                busrt::base::ServiceNotifier());
  const auto end = keeper.run(-1);
  ASSERT_FALSE(end);
  EXPECT_EQ(end.error().describe(), "/nonexistent/agent (No such file or directory)");
}

}  // namespace
}  // namespace daemoneye_keeper
