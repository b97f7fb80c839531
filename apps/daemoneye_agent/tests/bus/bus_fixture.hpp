// A broker that comes and goes, and an event loop, for the agent's two connections.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/access.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "busrt_testing/test_address.hpp"
#include "daemoneye/events/topics.hpp"
#include "faults.hpp"

namespace daemoneye_agent {

class BusFixture : public ::testing::Test {
 protected:
  void start_broker() {
    broker_.emplace();
    const auto bound = broker_->listen(address_);
    ASSERT_TRUE(bound) << bound.error().describe();
  }
  [[nodiscard]] busrt::ClientConfig client_config() const {
    busrt::ClientConfig config;
    config.name = daemoneye::events::agent_client_name;
    config.address = address_;
    config.reconnect.first_delay = std::chrono::milliseconds(10);
    config.reconnect.most_delay = std::chrono::milliseconds(50);
    return config;
  }
  /// From now on a client of this name, or of any for `*`, may do anything, and others nothing.
  void allow(const std::string& name) {
    auto parsed = busrt::AccessRules::parse(
        "[[client]]\nname = \"" + name + "\"\nsubscribe = [\"#\"]\npublish = [\"#\"]\n", "rules.toml");
    ASSERT_TRUE(parsed) << parsed.error().describe();
    broker_->set_access(std::make_shared<const busrt::AccessRules>(std::move(*parsed)));
  }
  bool run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      io_.run_one_for(std::chrono::milliseconds(10));
    }
    return condition();
  }
  /// Runs a coroutine of the loop to its end.
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    auto result = boost::asio::co_spawn(io_, std::move(work), boost::asio::use_future);
    EXPECT_TRUE(run_until(
        [&result] { return result.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }));
    return result.get();
  }
  [[nodiscard]] bool logged(std::string_view part) const {
    return std::ranges::any_of(lines_, [part](const std::string& line) { return line.contains(part); });
  }

  busrt_testing::TemporaryDirectory directory_;
  std::string address_ = busrt_testing::ipc_address_in(directory_.path());
  boost::asio::io_context io_{1};
  std::vector<std::string> lines_;
  busrt::base::LogSink log_ = [this](busrt::base::LogLevel, std::string_view line) {
    lines_.emplace_back(line);
  };
  Faults faults_{Logger(log_)};
  std::optional<busrt::Broker> broker_;
};

}  // namespace daemoneye_agent
