// The agent's data connection: frames arrive in order, it finds back to its broker, and a fault in a callback
// does not make it deaf.
#include "intake/data_bus.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

#include "bus/bus_fixture.hpp"

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;

class DataBusTest : public BusFixture {
 protected:
  void SetUp() override {
    start_broker();
    DataBusCallbacks callbacks;
    callbacks.message = [this](const daemoneye::event_bus::BusMessage& message) {
      if (throws_) throw std::runtime_error("no frame today");
      frames_.push_back(*message.payload);
    };
    callbacks.lost = [this](std::chrono::system_clock::time_point, const std::string& why) {
      losses_.push_back(why);
      if (throws_) throw std::runtime_error("no loss today");
    };
    callbacks.restored = [this] {
      ++restored_;
      if (throws_) throw std::runtime_error("no return today");
    };
    bus_.emplace(io_.get_executor(), client_config(), std::move(callbacks), faults_, Logger(log_));
    const auto connected = run(bus_->connect());
    ASSERT_TRUE(connected) << connected.error().describe();
  }
  void TearDown() override { stop(); }
  void stop() {
    auto down = boost::asio::co_spawn(io_, bus_->disconnect(5s), boost::asio::use_future);
    EXPECT_TRUE(run_until([&down] { return down.wait_for(0s) == std::future_status::ready; }));
  }
  void publish(const std::string& text, const std::string& topic = "events.process.exec") {
    busrt::BlockingClient client({.name = "procmond", .address = address_});
    ASSERT_TRUE(client.connect());
    const auto sent = client.publish(topic, busrt::as_bytes(text));
    ASSERT_TRUE(sent) << sent.error().describe();
  }
  bool arrives(const std::string& text) {
    publish(text);
    return run_until([&] { return !frames_.empty() && frames_.back() == text; });
  }

  bool throws_ = false;
  std::vector<std::string> frames_;
  std::vector<std::string> losses_;
  int restored_ = 0;
  std::optional<DataBus> bus_;
};

TEST_F(DataBusTest, AnExceptionInTheIntakeOfAFrameIsNotedAndTheNextFrameArrives) {
  ASSERT_TRUE(arrives("first"));
  throws_ = true;
  publish("second");
  ASSERT_TRUE(run_until([this] { return !faults_.complaints().empty(); }));
  EXPECT_EQ(faults_.complaints(),
            std::vector<std::string>{"a fault of the agent in the intake of a frame: no frame today"});
  throws_ = false;
  EXPECT_TRUE(arrives("third"));
}

TEST_F(DataBusTest, AnExceptionAtTheEndOfAConnectionKeepsItFromNoOther) {
  ASSERT_TRUE(arrives("before"));
  throws_ = true;
  broker_.reset();
  ASSERT_TRUE(run_until([this] { return !losses_.empty(); }));
  EXPECT_TRUE(losses_.front().starts_with("the agent's data connection to " + address_)) << losses_.front();
  start_broker();
  ASSERT_TRUE(run_until([this] { return restored_ == 1; }));
  EXPECT_EQ(
      faults_.complaints(),
      std::vector<std::string>{"a fault of the agent in the account of the bus: no return today (2 times)"});
  throws_ = false;
  EXPECT_TRUE(arrives("after"));
  EXPECT_EQ(losses_.size(), 1U);
}

TEST_F(DataBusTest, ABrokerThatRefusesItForGoodIsAskedAgain) {
  allow("another-client");
  ASSERT_TRUE(run_until([this] { return !losses_.empty(); }));
  ASSERT_TRUE(run_until([this] { return logged("cannot join"); }));
  EXPECT_EQ(restored_, 0);
  allow("*");
  ASSERT_TRUE(run_until([this] { return restored_ == 1; }));
  EXPECT_TRUE(arrives("again"));
  EXPECT_EQ(faults_.complaints(), std::vector<std::string>());
}

TEST_F(DataBusTest, EventsAndHealthRecordsKeepTheirOrder) {
  publish("1");
  publish("2", "health.procmond");
  publish("3", "events.network.new");
  publish("not for it", "control.collector.exited");
  ASSERT_TRUE(run_until([this] { return frames_.size() >= 3; }));
  EXPECT_EQ(frames_, (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(DataBusTest, WhatTheBrokerHasTakenArrivesBeforeTheEnd) {
  // No turn of the loop between: the frames wait at the broker and in the client.
  for (int i = 0; i < 100; ++i) publish(std::to_string(i));
  stop();
  EXPECT_EQ(frames_.size(), 100U);
  EXPECT_EQ(bus_->statistics().total_lost(), 0U);
}

}  // namespace
}  // namespace daemoneye_agent
