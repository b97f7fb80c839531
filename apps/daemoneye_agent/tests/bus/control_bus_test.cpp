// The agent's control connection: it finds back to its broker, and what it announces is not lost meanwhile.
#include "bus/control_bus.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "bus/bus_fixture.hpp"

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;

class ControlBusTest : public BusFixture {
 protected:
  void SetUp() override {
    start_broker();
    bus_.emplace(io_.get_executor(), client_config(), ControlBus::Callbacks{[this] { ++stalls_; }}, faults_,
                 Logger(log_));
    const auto connected = run(bus_->connect());
    ASSERT_TRUE(connected) << connected.error().describe();
  }
  void TearDown() override {
    auto down = boost::asio::co_spawn(io_, bus_->disconnect(), boost::asio::use_future);
    EXPECT_TRUE(run_until([&down] { return down.wait_for(0s) == std::future_status::ready; }));
  }

  int stalls_ = 0;
  std::optional<ControlBus> bus_;
};

TEST_F(ControlBusTest, WhatItAnnouncesWithoutABrokerArrivesWithTheNextOne) {
  broker_.reset();
  ASSERT_TRUE(run_until([this] { return logged("the agent's control connection to " + address_); }));
  bus_->announce("control.collector.exited", {{"collector", "procmond"}});
  broker_.emplace();
  busrt::BlockingClient watcher({.name = "watcher", .endpoint = broker_->local()});
  ASSERT_TRUE(watcher.connect());
  ASSERT_TRUE(watcher.subscribe({"control.*"}));
  ASSERT_TRUE(broker_->listen(address_));
  ASSERT_TRUE(run_until([this] { return logged("connected again"); }));
  std::optional<busrt::Frame> frame;
  ASSERT_TRUE(run_until([&] {
    auto got = watcher.receive(1ms);
    if (got && got->kind() == busrt::FrameKind::publish) frame = std::move(*got);
    return frame.has_value();
  }));
  EXPECT_EQ(frame->topic(), "control.collector.exited");
}

TEST_F(ControlBusTest, ABrokerThatRefusesItForGoodIsAskedAgain) {
  allow("another-client");
  ASSERT_TRUE(run_until([this] { return logged("cannot join"); }));
  EXPECT_FALSE(logged("connected again"));
  broker_->set_access(nullptr);
  ASSERT_TRUE(run_until([this] { return logged("connected again"); }));
  EXPECT_TRUE(run(bus_->ask_broker("stats")).has_value());
  EXPECT_EQ(faults_.complaints(), std::vector<std::string>());
}

TEST_F(ControlBusTest, ASlowConsumerThatTheBrokerClosesIsNewsForTheHealthChecks) {
  // Only the broker's own word counts: a client may publish on the topic.
  busrt::BlockingClient forger({.name = "forger", .address = address_});
  ASSERT_TRUE(forger.connect());
  const std::string forged = "\x82\xa1s\xadslow_consumer";
  ASSERT_TRUE(run(bus_->ask_broker("stats")).has_value());
  static_cast<void>(forger.publish(busrt::broker_warn_topic, busrt::as_bytes(forged)));
  ASSERT_TRUE(run(bus_->ask_broker("stats")).has_value());
  EXPECT_EQ(stalls_, 0);
}

TEST_F(ControlBusTest, AnAnswerThatIsNoObjectIsAnError) {
  auto config = client_config();
  config.name = "procmond";
  busrt::RpcClient collector(busrt::Client(io_.get_executor(), config));
  collector.on("health_check", [](busrt::RpcRequest) -> boost::asio::awaitable<busrt::RpcResult> {
    const auto bytes = busrt::as_bytes("[1]");
    co_return std::vector<std::byte>(bytes.begin(), bytes.end());
  });
  const auto up = run(collector.connect(boost::asio::use_awaitable));
  ASSERT_TRUE(up) << up.error().describe();
  const auto answer = run(bus_->call("procmond", "health_check", 5s));
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("its answer to health_check is no JSON object"), std::string::npos)
      << answer.error().message;
}

}  // namespace
}  // namespace daemoneye_agent
