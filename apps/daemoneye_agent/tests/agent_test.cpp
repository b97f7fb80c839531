// The agent brings services up in order and takes them down in reverse, whichever of them fails.
#include "agent.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <optional>
#include <stdexcept>

#include "busrt/base/main_task.hpp"
#include "status/status_report.hpp"

namespace daemoneye_agent {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

using Trace = std::vector<std::string>;

class TracedService final : public Service {
 public:
  TracedService(std::string name, Trace& trace, asio::io_context& io)
      : name_(std::move(name)), trace_(trace), stuck_(io, asio::steady_timer::time_point::max()) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  asio::awaitable<busrt::base::Result<>> start() override {
    trace_.push_back("+" + name_);
    if (on_start) on_start();
    if (throws) throw std::runtime_error("fault");
    if (waits) {
      boost::system::error_code ignored;
      co_await stuck_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    if (fails) co_return busrt::base::fail(std::make_error_code(std::errc::io_error), "broken");
    co_return busrt::base::Result<>{};
  }
  void abandon_start() override {
    trace_.push_back("abandon " + name_);
    stuck_.cancel();
  }
  asio::awaitable<void> stop(std::chrono::steady_clock::time_point) override {
    trace_.push_back("-" + name_);
    if (!stops_slowly) co_return;
    boost::system::error_code ignored;
    co_await stuck_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  void hasten() override {
    trace_.push_back("hasten " + name_);
    stuck_.cancel();
  }
  [[nodiscard]] std::chrono::milliseconds stop_time() const override { return 1ms; }
  asio::awaitable<void> report(StatusReport& report) override {
    if (!complaint.empty()) report.complain(complaint);
    co_return;
  }

  std::function<void()> on_start;
  std::string complaint;
  bool fails = false;
  bool throws = false;
  bool waits = false;
  bool stops_slowly = false;

 private:
  std::string name_;
  Trace& trace_;
  asio::steady_timer stuck_;
};

class AgentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    agent_.emplace(io_.get_executor(), Logger([](busrt::base::LogLevel, std::string_view) {}),
                   busrt::base::ServiceNotifier());
    for (const char* name : {"a", "b", "c"}) {
      services_.push_back(&agent_->add(std::make_unique<TracedService>(name, trace_, io_)));
    }
    services_[2]->on_start = [this] { asio::post(io_, [this] { agent_->request_stop("test"); }); };
  }
  asio::awaitable<int> run_agent() {
    result_ = co_await agent_->run();
    co_return 0;
  }
  busrt::base::Result<> run() {
    EXPECT_EQ(busrt::base::run_main_task(io_, run_agent()), 0);
    return result_;
  }
  asio::awaitable<int> take_report() {
    report_ = co_await agent_->report();
    co_return 0;
  }

  asio::io_context io_{1};
  Trace trace_;
  std::optional<Agent> agent_;
  std::vector<TracedService*> services_;
  busrt::base::Result<> result_;
  boost::json::object report_;
};

TEST_F(AgentTest, ServicesGoDownInReverse) {
  EXPECT_TRUE(run());
  EXPECT_EQ(trace_, (Trace{"+a", "+b", "+c", "-c", "-b", "-a"}));
}

TEST_F(AgentTest, AServiceThatFailsTakesDownOnlyWhatWasUp) {
  services_[1]->fails = true;
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "b: broken");
  EXPECT_EQ(trace_, (Trace{"+a", "+b", "-a"}));
}

TEST_F(AgentTest, AnExceptionIsAFailureOfItsService) {
  services_[1]->throws = true;
  const auto result = run();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().message, "b: fault");
  EXPECT_EQ(trace_, (Trace{"+a", "+b", "-a"}));
}

TEST_F(AgentTest, AStopDuringTheStartAbandonsItAndStartsNothingMore) {
  services_[1]->waits = true;
  services_[1]->fails = true;
  services_[1]->on_start = services_[2]->on_start;
  EXPECT_TRUE(run()) << "a stop that was asked for is no failure";
  EXPECT_EQ(trace_, (Trace{"+a", "+b", "abandon b", "-b", "-a"}));
}

TEST_F(AgentTest, AServiceThatStopsSlowlyIsHastened) {
  services_[1]->stops_slowly = true;
  EXPECT_TRUE(run());
  EXPECT_EQ(trace_, (Trace{"+a", "+b", "+c", "-c", "-b", "hasten b", "-a"}));
}

TEST_F(AgentTest, EveryServiceHasItsSayInTheReport) {
  services_[0]->complaint = "a is tired";
  services_[2]->complaint = "c is, too";
  EXPECT_EQ(busrt::base::run_main_task(io_, take_report()), 0);
  EXPECT_EQ(report_.at("degraded"), (boost::json::array{"a is tired", "c is, too"}));
  EXPECT_FALSE(report_.at("well").as_bool());
  EXPECT_FALSE(report_.at("complete").as_bool());
  EXPECT_EQ(report_.at("agent").at("pid").as_int64(), ::getpid());
}

}  // namespace
}  // namespace daemoneye_agent
