// A collector with an injected source on an embedded broker, and an observer that sees what it publishes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "busrt/broker.hpp"
#include "busrt/msgpack.hpp"
#include "busrt/rpc.hpp"
#include "daemoneye/collector/runtime.hpp"
#include "daemoneye/collector/testing/injected_source.hpp"
#include "daemoneye/events/event.hpp"
#include "monitor_testing/event_loop.hpp"

namespace daemoneye::collector::testing {

using namespace std::chrono_literals;

/// Subscribed to everything; keeps events and health records.
class Observer {
 public:
  Observer(monitor_testing::EventLoop& loop, const busrt::LocalEndpoint& endpoint,
           const std::string& name = "observer") {
    busrt::ClientConfig config;
    config.name = name;
    config.endpoint = endpoint;
    config.queue_frames = 1U << 20;
    rpc = std::make_unique<busrt::RpcClient>(busrt::Client(loop.executor(), config));
    rpc->on_frame([this](const busrt::Frame& frame) { take(frame); });
    EXPECT_TRUE(loop.run(rpc->connect()).has_value());
    EXPECT_TRUE(loop.run(subscribe()).has_value());
  }

  std::unique_ptr<busrt::RpcClient> rpc;
  std::vector<events::Event> events;
  std::vector<boost::json::object> health;

  /// Events that the loss records stand for, plus the events themselves; repetitions count once.
  [[nodiscard]] std::uint64_t accounted() const {
    std::uint64_t sum = 0;
    for (const auto& [seq, event] : by_seq()) {
      sum += event->is_loss() ? events::parse_loss(event->data).value().count.value_or(0) : 1;
    }
    return sum;
  }
  /// Without repetitions.
  [[nodiscard]] std::map<std::uint64_t, const events::Event*> by_seq() const {
    std::map<std::uint64_t, const events::Event*> all;
    for (const auto& event : events) all.emplace(event.seq, &event);
    return all;
  }
  [[nodiscard]] std::string last_state() const {
    return health.empty() ? std::string() : std::string(health.back().at("state").as_string());
  }
  [[nodiscard]] bool saw_state(std::string_view state) const {
    return std::any_of(health.begin(), health.end(),
                       [state](const auto& record) { return record.at("state").as_string() == state; });
  }

 private:
  boost::asio::awaitable<busrt::base::Result<>> subscribe() {
    const std::vector<std::string> patterns = {"events.*", "health.*"};
    co_return co_await rpc->client().subscribe(patterns);
  }
  void take(const busrt::Frame& frame) {
    if (frame.kind() != busrt::FrameKind::publish) return;
    if (frame.topic().starts_with("health.")) {
      health.push_back(boost::json::parse(frame.text()).as_object());
    } else if (frame.topic().starts_with("events.")) {
      auto event = events::decode_event(frame.text());
      ASSERT_TRUE(event.has_value()) << event.error().describe();
      EXPECT_EQ(events::topic_of(*event), frame.topic());
      events.push_back(std::move(*event));
    }
  }
};

class RuntimeTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (running()) stop();
  }

  RuntimeConfig config() {
    RuntimeConfig config;
    config.name = "testmond";
    config.endpoint = broker_->local();
    config.reconnect_first = 5ms;
    config.reconnect_most = 20ms;
    return config;
  }
  void start(RuntimeConfig config) {
    std::vector<std::unique_ptr<EventSource>> sources;
    sources.push_back(std::make_unique<InjectedSource>(feed_));
    start(std::move(config), std::move(sources));
  }
  void start(RuntimeConfig config, std::vector<std::unique_ptr<EventSource>> sources) {
    runtime_ = std::make_unique<Runtime>(loop_.executor(), std::move(config), std::move(sources));
    end_.reset();
    boost::asio::co_spawn(loop_.context(), runtime_->run(),
                          [this](const std::exception_ptr& fault, busrt::base::Result<RunEnd> end) {
                            EXPECT_EQ(fault, nullptr);
                            end_ = std::move(end);
                          });
  }
  /// Started, connected, and collecting.
  void start_and_settle(RuntimeConfig config) {
    start(std::move(config));
    ASSERT_TRUE(loop_.until([&] { return feed_->started() && is_connected(); }));
  }
  [[nodiscard]] bool is_connected() const { return runtime_->health().at("connected").as_bool(); }
  [[nodiscard]] bool running() const { return runtime_ != nullptr && !end_; }
  void stop() {
    runtime_->request_stop("the test is over");
    EXPECT_TRUE(loop_.until([&] { return end_.has_value(); }));
  }

  /// The answer of a method as JSON text parsed, or `error CODE MESSAGE`.
  std::expected<boost::json::object, std::string> call(Observer& from, const std::string& method,
                                                       const std::string& params = {}) {
    const auto reply = loop_.run(call_bytes(*from.rpc, method, busrt::to_bytes(params)));
    if (!reply) return std::unexpected(std::to_string(reply.error().rpc_code) + " " + reply.error().message);
    return boost::json::parse(busrt::as_text(reply->payload)).as_object();
  }
  static boost::asio::awaitable<busrt::CallResult<busrt::RpcReply>> call_bytes(
      busrt::RpcClient& rpc, std::string method, std::vector<std::byte> params) {
    co_return co_await rpc.call("testmond", method, params);
  }

  monitor_testing::EventLoop loop_;
  std::unique_ptr<busrt::Broker> broker_ = std::make_unique<busrt::Broker>();
  std::shared_ptr<InjectedFeed> feed_ = std::make_shared<InjectedFeed>();
  std::unique_ptr<Runtime> runtime_;
  std::optional<busrt::base::Result<RunEnd>> end_;
};

}  // namespace daemoneye::collector::testing
