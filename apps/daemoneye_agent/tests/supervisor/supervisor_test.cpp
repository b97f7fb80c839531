// The supervisor with real processes and a bus that the test plays.
#include "supervisor/supervisor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <functional>
#include <stdexcept>

namespace daemoneye_agent {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// Answers health checks for whoever the test says is up; `shutdown` sends SIGTERM, as a collector would end
/// itself.
class FakeBus final : public CollectorBus {
 public:
  asio::awaitable<busrt::base::Result<boost::json::object>> call(std::string collector, std::string method,
                                                                 std::chrono::milliseconds) override {
    calls.push_back(collector + " " + method);
    if (throws) throw std::runtime_error("no bus today");
    if (method == "shutdown" && on_shutdown) on_shutdown(collector);
    if (deaf) co_return busrt::base::fail(std::make_error_code(std::errc::timed_out), "no answer");
    co_return boost::json::object{{"state", "running"}};
  }
  void announce(std::string topic, boost::json::object) override { announced.push_back(std::move(topic)); }

  bool deaf = false;
  bool throws = false;
  std::function<void(const std::string&)> on_shutdown;
  std::vector<std::string> calls;
  std::vector<std::string> announced;
};

class SupervisorTest : public ::testing::Test {
 protected:
  void TearDown() override {
    bus_.on_shutdown = nullptr;
    const auto over = [](const CollectorView& one) { return one.state == CollectorState::stopped; };
    if (!supervisor_ || std::ranges::all_of(supervisor_->view(), over)) return;
    bool done = false;
    asio::co_spawn(io_, stop_all(*supervisor_, done), asio::detached);
    supervisor_->hasten();
    EXPECT_TRUE(run_until([&done] { return done; }));
  }
  static Launch launch(std::string name, std::string script) {
    Launch launch{{}, {"/bin/sh", "-c", std::move(script)}};
    auto& settings = launch.settings;
    settings.name = std::move(name);
    settings.start_timeout.value = 20s;
    settings.grace_period.value = 20s;
    settings.health = {{10ms}, {1s}, {3}};
    settings.restart = {{1ms}, {2ms}, {3}, {600s}, {600s}};
    return launch;
  }
  void make(std::vector<Launch> launches) {
    SupervisorObserver observer{
        [this](const std::string&, const boost::json::object&) {
          if (observer_throws_) throw std::runtime_error("no account today");
        },
        [](const std::string&) {},
        [this](const std::string&, std::chrono::system_clock::time_point since, const std::string& why) {
          lost_.push_back(why);
          lost_since_ = since;
        },
        [this](const std::string&, int pid) { owners_.push_back(pid); },
        [this](const std::string& name) { ended_.push_back(name); }};
    supervisor_.emplace(io_.get_executor(), *host_, bus_, std::move(observer), faults_,
                        Logger([this](busrt::base::LogLevel level, std::string_view line) {
                          if (level == busrt::base::LogLevel::error) errors_.emplace_back(line);
                        }),
                        std::move(launches));
    supervisor_->start();
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) io_.run_one_for(100ms);
    return condition();
  }
  static asio::awaitable<void> stop_all(Supervisor& supervisor, bool& done) {
    co_await supervisor.stop();
    done = true;
  }
  bool stop() {
    bool done = false;
    asio::co_spawn(io_, stop_all(*supervisor_, done), asio::detached);
    return run_until([&done] { return done; });
  }
  [[nodiscard]] CollectorView one() const { return supervisor_->view().front(); }
  [[nodiscard]] bool running() const {
    for (const auto& view : supervisor_->view()) {
      if (view.state != CollectorState::running) return false;
    }
    return true;
  }

  asio::io_context io_;
  std::unique_ptr<ProcessHost> host_ = make_child_process_host(io_.get_executor());
  FakeBus bus_;
  Faults faults_{Logger([](busrt::base::LogLevel, std::string_view) {})};
  bool observer_throws_ = false;
  std::vector<std::string> lost_;
  std::chrono::system_clock::time_point lost_since_;
  std::vector<std::string> ended_;  // collectors whose processes are gone
  std::vector<std::string> errors_;
  std::vector<int> owners_;  // of the collectors' names, one after the other
  std::optional<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, AKilledCollectorComesBackAsANewProcess) {
  make({launch("procmond", "exec sleep 1000")});
  ASSERT_TRUE(run_until([this] { return running(); }));
  const auto first = *one().pid;
  ASSERT_EQ(::kill(static_cast<pid_t>(first), SIGKILL), 0);
  ASSERT_TRUE(run_until([this, first] { return running() && one().pid != first; }));
  EXPECT_EQ(one().restarts, 1U);
  EXPECT_EQ(one().last_exit, "signal 9 (Killed)");
  EXPECT_EQ(lost_, std::vector<std::string>{"ended with signal 9 (Killed)"});
  EXPECT_EQ(owners_,
            (std::vector<int>{::getpid(), static_cast<int>(first), ::getpid(), static_cast<int>(*one().pid)}))
      << "at no time is its name anybody else's";
}

TEST_F(SupervisorTest, OneThatAlwaysExitsIsGivenUpWithAnAlert) {
  bus_.deaf = true;
  make({launch("procmond", "exit 1")});
  ASSERT_TRUE(run_until([this] { return one().state == CollectorState::failed; }));
  EXPECT_EQ(one().restarts, 3U);
  EXPECT_EQ(bus_.announced.back(), "alerts.critical");
  ASSERT_EQ(errors_.size(), 1U);
  EXPECT_NE(errors_[0].find("procmond FAILED"), std::string::npos);
  EXPECT_TRUE(stop()) << "a failed collector does not hold up the stop";
}

TEST_F(SupervisorTest, TheLastErrorOfOneThatFailedIsKept) {
  bus_.deaf = true;
  make(
      {launch("procmond",
              "echo 'procmond: [error] no \033luck' >&2; echo 'procmond: [info] and good-bye' >&2; exit 1")});
  ASSERT_TRUE(run_until([this] { return one().state == CollectorState::failed; }));
  EXPECT_EQ(one().last_error, "no ?luck");
  EXPECT_TRUE(one().reason.ends_with("ended with exit code 1; its last error: no ?luck")) << one().reason;
}

TEST_F(SupervisorTest, OneThatStopsAnsweringIsReplaced) {
  make({launch("procmond", "exec sleep 1000")});
  ASSERT_TRUE(run_until([this] { return running(); }));
  const auto first = one().pid;
  EXPECT_FALSE(one().silent_since);
  bus_.deaf = true;
  const auto deaf_since = std::chrono::system_clock::now();
  ASSERT_TRUE(run_until([this] { return one().silent_since.has_value(); }));
  EXPECT_LE(*one().silent_since, deaf_since + 1ms);
  ASSERT_TRUE(run_until([this] { return !lost_.empty(); }));
  // Clocks are read one after the other, so the sum of two may be off by the time between.
  EXPECT_LE(lost_since_, deaf_since + 1ms) << "it looked at nothing since its last answer";
  EXPECT_NE(lost_[0].find("did not answer 3 health checks in a row"), std::string::npos) << lost_[0];
  bus_.deaf = false;
  ASSERT_TRUE(run_until([this] { return running(); }));
  EXPECT_NE(one().pid, first);
}

TEST_F(SupervisorTest, AnExceptionOfTheBusIsAMissedHealthCheckAndNotTheLast) {
  make({launch("procmond", "exec sleep 1000")});
  ASSERT_TRUE(run_until([this] { return running(); }));
  bus_.throws = true;
  const std::size_t before = bus_.calls.size();
  ASSERT_TRUE(run_until([&] { return bus_.calls.size() >= before + 2; })) << "health checks continue";
  bus_.throws = false;
  ASSERT_TRUE(run_until([this] { return running() && !one().silent_since; }));
  ASSERT_EQ(faults_.complaints().size(), 1U);
  EXPECT_TRUE(
      faults_.complaints()[0].starts_with("a fault of the agent in health_check of procmond: no bus today ("))
      << faults_.complaints()[0];
}

TEST_F(SupervisorTest, AnExceptionOfTheObserverEndsNeitherTheCollectorNorItsHealthChecks) {
  observer_throws_ = true;
  make({launch("procmond", "exec sleep 1000")});
  ASSERT_TRUE(run_until([this] { return running(); }));
  const auto pid = one().pid;
  const std::size_t before = bus_.calls.size();
  ASSERT_TRUE(run_until([&] { return bus_.calls.size() >= before + 5; }));
  EXPECT_EQ(one().pid, pid);
  ASSERT_EQ(faults_.complaints().size(), 1U);
  EXPECT_TRUE(faults_.complaints()[0].starts_with(
      "a fault of the agent in the account of procmond: no account today ("))
      << faults_.complaints()[0];
}

TEST_F(SupervisorTest, StopsInReverseOrderOneAfterTheOther) {
  std::vector<std::string> order;
  bus_.on_shutdown = [this, &order](const std::string& name) {
    order.push_back(name);
    for (const auto& view : supervisor_->view()) {
      if (view.name == name) ::kill(static_cast<pid_t>(*view.pid), SIGTERM);
      // Whoever was started later is gone by now.
      const bool later = view.name > name;
      EXPECT_EQ(later, view.state == CollectorState::stopped);
    }
  };
  make({launch("a", "exec sleep 1000"), launch("b", "exec sleep 1000"), launch("c", "exec sleep 1000")});
  ASSERT_TRUE(run_until([this] { return running(); }));
  ASSERT_TRUE(stop());
  EXPECT_EQ(ended_, order) << "an end that was asked for is one as well";
  EXPECT_EQ(order, (std::vector<std::string>{"c", "b", "a"}));
  for (const auto& view : supervisor_->view()) EXPECT_EQ(view.state, CollectorState::stopped);
}

TEST_F(SupervisorTest, HasteEndsOneThatIgnoresEverything) {
  make({launch("procmond", "trap '' TERM; exec sleep 1000")});
  ASSERT_TRUE(run_until([this] { return running(); }));
  bool done = false;
  asio::co_spawn(io_, stop_all(*supervisor_, done), asio::detached);
  ASSERT_TRUE(run_until([this] { return one().state == CollectorState::stopping; }));
  EXPECT_FALSE(done);
  supervisor_->hasten();
  EXPECT_TRUE(run_until([&done] { return done; }));
  EXPECT_EQ(one().last_exit, "signal 9 (Killed)");
}

TEST_F(SupervisorTest, LeavesNoProcessWhenItIsDestroyed) {
  make({launch("procmond", "exec sleep 1000")});
  ASSERT_TRUE(run_until([this] { return running(); }));
  const auto pid = static_cast<pid_t>(*one().pid);
  io_.poll();  // no call is under way
  supervisor_.reset();
  EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(FindProgram, NamesTheKeyWhenThereIsNone) {
  EXPECT_EQ(*find_program("x", {"/bin/false", "--flag"}), "/bin/false");
  EXPECT_TRUE(find_program("sh", {}).has_value());
  const auto missing = find_program("no-such-collector", {});
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().message.find("default: collectors.no-such-collector: no program"),
            std::string::npos);
  EXPECT_FALSE(find_program("x", {"/etc", "agent.toml:1:1"}));
}

}  // namespace
}  // namespace daemoneye_agent
