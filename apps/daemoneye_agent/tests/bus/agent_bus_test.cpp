// The agent's client: it finds back to its broker, and a fault in a callback does not make it deaf.
#include "bus/agent_bus.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>

#include "busrt/access.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "busrt_testing/test_address.hpp"
#include "daemoneye/events/topics.hpp"

namespace daemoneye_agent {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

class AgentBusTest : public ::testing::Test {
 protected:
  void SetUp() override {
    start_broker();
    busrt::ClientConfig config;
    config.name = daemoneye::events::agent_client_name;
    config.address = address_;
    config.reconnect.first_delay = 10ms;
    config.reconnect.most_delay = 50ms;
    AgentBusCallbacks callbacks;
    callbacks.frame = [this](const busrt::Frame& frame) {
      if (!frame.topic().starts_with("events.")) return;  // the broker's announcements
      if (throws_) throw std::runtime_error("no frame today");
      frames_.emplace_back(frame.text());
    };
    callbacks.lost = [this](std::chrono::system_clock::time_point, const std::string& why) {
      losses_.push_back(why);
      if (throws_) throw std::runtime_error("no loss today");
    };
    callbacks.restored = [this] {
      ++restored_;
      if (throws_) throw std::runtime_error("no return today");
    };
    callbacks.stall_ended = [] {};
    bus_.emplace(io_.get_executor(), std::move(config), std::move(callbacks), faults_, Logger(log_));
    auto up = asio::co_spawn(io_, bus_->connect(), asio::use_future);
    ASSERT_TRUE(run_until([&up] { return up.wait_for(0s) == std::future_status::ready; }));
    const auto connected = up.get();
    ASSERT_TRUE(connected) << connected.error().describe();
  }
  void TearDown() override {
    auto down = asio::co_spawn(io_, bus_->disconnect(), asio::use_future);
    EXPECT_TRUE(run_until([&down] { return down.wait_for(0s) == std::future_status::ready; }));
  }
  void start_broker() {
    broker_.emplace();
    const auto bound = broker_->listen(address_);
    ASSERT_TRUE(bound) << bound.error().describe();
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < deadline) io_.run_one_for(10ms);
    return condition();
  }
  void publish(const std::string& text) {
    busrt::BlockingClient client({.name = "procmond", .address = address_});
    ASSERT_TRUE(client.connect());
    const auto sent = client.publish("events.process.exec", busrt::as_bytes(text));
    ASSERT_TRUE(sent) << sent.error().describe();
  }
  bool arrives(const std::string& text) {
    publish(text);
    return run_until([&] { return !frames_.empty() && frames_.back() == text; });
  }

  busrt_testing::TemporaryDirectory directory_;
  std::string address_ = busrt_testing::ipc_address_in(directory_.path());
  asio::io_context io_{1};
  busrt::base::LogSink log_ = [this](busrt::base::LogLevel, std::string_view line) {
    lines_.emplace_back(line);
  };
  std::vector<std::string> lines_;
  Faults faults_{Logger(log_)};
  std::optional<busrt::Broker> broker_;
  bool throws_ = false;
  std::vector<std::string> frames_;
  std::vector<std::string> losses_;
  int restored_ = 0;
  std::optional<AgentBus> bus_;
};

TEST_F(AgentBusTest, AnExceptionInTheIntakeOfAFrameIsNotedAndTheNextFrameArrives) {
  ASSERT_TRUE(arrives("first"));
  throws_ = true;
  publish("second");
  ASSERT_TRUE(run_until([this] { return !faults_.complaints().empty(); }));
  EXPECT_EQ(faults_.complaints(),
            std::vector<std::string>{"a fault of the agent in the intake of a frame: no frame today"});
  throws_ = false;
  EXPECT_TRUE(arrives("third"));
}

TEST_F(AgentBusTest, AnExceptionAtTheEndOfAConnectionKeepsItFromNoOther) {
  ASSERT_TRUE(arrives("before"));
  throws_ = true;
  broker_.reset();
  ASSERT_TRUE(run_until([this] { return !losses_.empty(); }));
  EXPECT_TRUE(losses_.front().starts_with("the agent's connection to " + address_)) << losses_.front();
  start_broker();
  ASSERT_TRUE(run_until([this] { return restored_ == 1; }));
  EXPECT_EQ(
      faults_.complaints(),
      std::vector<std::string>{"a fault of the agent in the account of the bus: no return today (2 times)"});
  throws_ = false;
  EXPECT_TRUE(arrives("after"));
  EXPECT_EQ(losses_.size(), 1U);
}

TEST_F(AgentBusTest, ABrokerThatRefusesItForGoodIsAskedAgain) {
  const auto rules = [this](const char* name) {
    auto parsed = busrt::AccessRules::parse(
        "[[client]]\nname = \"" + std::string(name) + "\"\nsubscribe = [\"#\"]\npublish = [\"#\"]\n",
        "rules.toml");
    EXPECT_TRUE(parsed) << parsed.error().describe();
    broker_->set_access(std::make_shared<const busrt::AccessRules>(std::move(*parsed)));
  };
  rules("somebody-else");
  ASSERT_TRUE(run_until([this] { return !losses_.empty(); }));
  ASSERT_TRUE(run_until([this] {
    return std::ranges::any_of(lines_, [](const std::string& line) { return line.contains("cannot join"); });
  }));
  EXPECT_EQ(restored_, 0);
  rules("*");
  ASSERT_TRUE(run_until([this] { return restored_ == 1; }));
  EXPECT_TRUE(arrives("again"));
  EXPECT_EQ(faults_.complaints(), std::vector<std::string>());
}

TEST_F(AgentBusTest, WhatItAnnouncesWithoutABrokerArrivesWithTheNextOne) {
  broker_.reset();
  ASSERT_TRUE(run_until([this] { return !losses_.empty(); }));
  bus_->announce("control.collector.exited", {{"collector", "procmond"}});
  broker_.emplace();
  busrt::BlockingClient watcher({.name = "watcher", .endpoint = broker_->local()});
  ASSERT_TRUE(watcher.connect());
  ASSERT_TRUE(watcher.subscribe({"control.*"}));
  ASSERT_TRUE(broker_->listen(address_));
  ASSERT_TRUE(run_until([this] { return restored_ == 1; }));
  std::optional<busrt::Frame> frame;
  ASSERT_TRUE(run_until([&] {
    auto got = watcher.receive(1ms);
    if (got && got->kind() == busrt::FrameKind::publish) frame = std::move(*got);
    return frame.has_value();
  }));
  EXPECT_EQ(frame->topic(), "control.collector.exited");
}

}  // namespace
}  // namespace daemoneye_agent
