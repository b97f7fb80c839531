// What a broker acknowledges can be received, to the last byte; and what it does not take fails alone. Our
// client and our broker, over every way between them.
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "all_ways.hpp"
#include "broker_fixture.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt_testing/sanitizers.hpp"
#include "client_fixture.hpp"
#include "transport_ways.hpp"
#include "wire/codec.hpp"

namespace busrt {
namespace {

class FrameLimits : public testing::TestWithParam<Way> {
 protected:
  void start(BrokerConfig config) {
    transport.prepare(config);
    broker = std::make_unique<Broker>(std::move(config));
    transport.listen(*broker);
  }
  [[nodiscard]] ClientConfig config(std::string name) {
    auto made = transport.client(std::move(name), *broker);
    made.reconnect.first_delay = std::chrono::milliseconds(1);
    made.reconnect.most_delay = std::chrono::milliseconds(4);
    return made;
  }
  static BlockingClient connected(ClientConfig with) {
    BlockingClient client(std::move(with));
    if (auto up = client.connect(); !up) throw std::runtime_error(up.error().describe());
    return client;
  }

  Transport transport{GetParam()};
  std::unique_ptr<Broker> broker;
};

/// One operation by each face of the client.
Result<> operate(BlockingClient& sender, Op op, const std::string& target, const std::string& receiver,
                 const std::string& payload, bool blocking) {
  const auto bytes = as_bytes(payload);
  Client& client = sender.async();
  switch (op) {
    case Op::publish:
      return blocking ? sender.publish(target, bytes)
                      : value_of(client.publish(target, bytes, {}, asio::use_future));
    case Op::publish_for:
      return blocking ? sender.publish_for(target, receiver, bytes)
                      : value_of(client.publish_for(target, receiver, bytes, {}, asio::use_future));
    case Op::message:
      return blocking ? sender.send(target, bytes)
                      : value_of(client.send(target, bytes, {}, asio::use_future));
    default:
      return blocking ? sender.broadcast(target, bytes)
                      : value_of(client.broadcast(target, bytes, {}, asio::use_future));
  }
}

TEST_P(FrameLimits, WhatIsAcknowledgedIsReceivedAtEveryByteAroundTheLimit) {
  constexpr std::uint32_t most = 2000;
  BrokerConfig small;
  small.max_body_bytes = most;
  start(small);
  // The receiver has the same limit as the broker and the sender, and the sender's name is as long as it may
  // be.
  auto with = config("receiver");
  with.max_received_body_bytes = most;
  auto receiver = connected(with);
  ASSERT_TRUE(receiver.subscribe({"topic"}));
  auto sending = config(std::string(64, 'n') + "%%" + std::string(limits::max_name_bytes - 66, 's'));
  sending.max_body_bytes = most;
  auto primary = connected(config(std::string(64, 'n')));
  auto sender = connected(sending);

  struct Case {
    Op op;
    const char* target;
    const char* receiver;
  };
  constexpr Case cases[] = {{Op::publish, "topic", ""},
                            {Op::publish_for, "topic", "receiver"},
                            {Op::message, "receiver", ""},
                            {Op::broadcast, "receiver", ""}};
  const std::size_t slack = wire::largest_delivery_body(most) - most + 2;
  for (const bool blocking : {true, false}) {
    for (const Case& one : cases) {
      for (std::size_t body = most - slack; body <= most + 2; ++body) {
        const std::size_t overhead = wire::request_body_bytes(one.op, one.target, one.receiver, 0);
        const std::string payload(body - overhead, 'p');
        const auto sent = operate(sender, one.op, one.target, one.receiver, payload, blocking);
        if (body > most) {
          ASSERT_EQ(code_of(sent), errc::too_large) << to_string(one.op) << " of " << body;
          continue;
        }
        ASSERT_TRUE(sent) << to_string(one.op) << " of " << body << ": " << sent.error().describe();
        const auto frame = receiver.receive(patience);
        ASSERT_TRUE(frame) << to_string(one.op) << " of " << body << ": " << frame.error().describe();
        ASSERT_EQ(frame->text(), payload);
      }
    }
  }
  EXPECT_EQ(receiver.status().connections, 1U);
  EXPECT_EQ(sender.status().connections, 1U);
  EXPECT_EQ(receiver.stats().lost_by(ClientLoss::oversized), 0U);
}

TEST_P(FrameLimits, ADefaultClientTakesWhatABrokerWithALargerLimitDelivers) {
  const bool websocket = GetParam() == Way::websocket || GetParam() == Way::secure_websocket;
  if (busrt_testing::under_thread_sanitizer && websocket)
    GTEST_SKIP() << "65 MiB over a WebSocket take long under ThreadSanitizer";
  BrokerConfig large;
  large.max_body_bytes = limits::max_body_bytes + (4U << 20);
  fit_memory_limits(large);
  start(large);
  auto receiver = connected(config("receiver"));
  auto sending = config("sender");
  sending.max_body_bytes = large.max_body_bytes;
  auto sender = connected(sending);
  const std::string payload(limits::max_body_bytes + (1U << 20), 'p');
  const auto sent = sender.send("receiver", as_bytes(payload));
  ASSERT_TRUE(sent) << sent.error().describe();
  const auto frame = receiver.receive(5 * patience);
  ASSERT_TRUE(frame) << frame.error().describe();
  EXPECT_EQ(frame->payload().size(), payload.size());
  EXPECT_EQ(receiver.status().connections, 1U);
}

TEST_P(FrameLimits, AFrameOverTheBrokersLimitFailsAloneAndGoodOnesAreConfirmedAndReceivedInOrder) {
  constexpr std::uint32_t most = 10'000;
  BrokerConfig small;
  small.max_body_bytes = most;
  start(small);
  auto receiver = connected(config("receiver"));
  ASSERT_TRUE(receiver.subscribe({"good"}));
  auto sender = connected(config("sender"));
  const auto began = std::chrono::steady_clock::now();
  std::vector<std::future<Result<>>> good;
  const auto publish = [&sender](std::string_view topic, const std::string& payload) {
    return sender.async().publish(topic, as_bytes(payload), {}, asio::use_future);
  };
  good.push_back(publish("good", "0"));
  auto poison = publish("bad", std::string(most + 1, 'x'));
  for (int i = 1; i < 50; ++i) good.push_back(publish("good", std::to_string(i)));
  const auto failed = value_of(std::move(poison));
  EXPECT_EQ(code_of(failed), errc::io);
  for (auto& one : good) {
    const auto sent = value_of(std::move(one));
    EXPECT_TRUE(sent) << sent.error().describe();
  }
  EXPECT_LT(std::chrono::steady_clock::now() - began, limits::delivery_timeout) << "not by its deadline";
  // At least once: frames whose ack was cut arrive again, but none is missing and none comes late.
  for (int next = 0; next < 50;) {
    const auto frame = receiver.receive(patience);
    ASSERT_TRUE(frame) << frame.error().describe() << " at " << next;
    const int number = std::stoi(std::string(frame->text()));
    ASSERT_LE(number, next);
    if (number == next) ++next;
  }
  EXPECT_EQ(sender.stats().connections, 4U) << "three that the frame ended, and one for the others";
  EXPECT_EQ(sender.stats().lost_by(ClientLoss::cut_alone), 1U);
}

TEST_P(FrameLimits, FramesThatTheBrokerDoesNotTakeDoNotLengthenTheDelayOfLaterOnes) {
  BrokerConfig small;
  small.max_body_bytes = 1'000;
  start(small);
  auto with = config("sender");
  with.reconnect.first_delay = std::chrono::milliseconds(5);
  with.reconnect.most_delay = limits::delivery_timeout;
  auto sender = connected(with);
  std::atomic<std::int64_t> longest_ms{0};
  sender.async().on_state([&longest_ms](const ConnectionStatus& now) {
    if (now.retry_in.count() > longest_ms) longest_ms = now.retry_in.count();
  });
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(code_of(sender.publish("bad", as_bytes(std::string(1'001, 'x')))), errc::io);
    EXPECT_TRUE(sender.publish("good", as_bytes("x")));
  }
  EXPECT_EQ(sender.stats().lost_by(ClientLoss::cut_alone), 10U);
  // Each draw doubles the bound of the next one, and three connections are lost for each of the bad ones.
  EXPECT_LT(longest_ms, 4 * with.reconnect.first_delay.count());
}

TEST_P(FrameLimits, WithoutReconnectingTheReasonIsToldAsWell) {
  BrokerConfig small;
  small.max_body_bytes = 1'000;
  small.max_patterns = 1;
  start(small);
  auto once = config("once");
  once.reconnect.enabled = false;
  auto client = connected(once);
  const auto second = client.subscribe({"a", "b"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, errc::busy);
  EXPECT_TRUE(second.error().message.contains("more topic patterns")) << second.error().message;
  const auto cut = client.publish("bad", as_bytes(std::string(1'001, 'x')));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, errc::io);
  EXPECT_TRUE(cut.error().message.contains("before it confirmed the operation; its log may say why"))
      << cut.error().message;
}

asio::awaitable<RpcResult> answer_of(RpcRequest request) {
  co_return std::vector<std::byte>(std::stoul(std::string(as_text(request.payload))));
}

TEST_P(FrameLimits, AReplyAtEveryByteAroundTheLimitArrivesOrIsAnError) {
  constexpr std::uint32_t most = 2000;
  BrokerConfig small;
  small.max_body_bytes = most;
  start(small);
  auto with = config("server");
  with.max_body_bytes = with.max_received_body_bytes = most;
  BlockingRpcClient server(with);
  server.async().on("answer", answer_of);
  ASSERT_TRUE(server.connect());
  with = config("caller");
  with.max_received_body_bytes = most;
  BlockingRpcClient caller(with);
  ASSERT_TRUE(caller.connect());
  const std::size_t largest = most - wire::request_body_bytes(Op::message, "caller", {}, 5);
  for (std::size_t bytes = largest - 10; bytes <= largest + 10; ++bytes) {
    const auto reply = caller.call("server", "answer", as_bytes(std::to_string(bytes)));
    ASSERT_EQ(reply.has_value(), bytes <= largest) << bytes;
    if (reply) {
      EXPECT_EQ(reply->payload.size(), bytes);
    } else {
      EXPECT_EQ(reply.error().rpc_code, rpc_code::internal);
    }
  }
  EXPECT_EQ(caller.async().client().stats().connections, 1U);
}

TEST_P(FrameLimits, ACallThatMayBeRepeatedAndThatTheBrokerDoesNotTakeFailsAtTheThirdCut) {
  BrokerConfig small;
  small.max_body_bytes = 1000;
  start(small);
  BlockingRpcClient server(config("server"));
  server.async().on("answer", answer_of);
  ASSERT_TRUE(server.connect());
  BlockingRpcClient caller(config("caller"));
  ASSERT_TRUE(caller.connect());
  const auto failed = caller.call("server", "answer", std::vector<std::byte>(1000),
                                  CallOptions(QoS::processed, IfCut::repeat), patience);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, errc::io);
  EXPECT_EQ(caller.async().stats().repeated, 2U);
  EXPECT_TRUE(caller.call("server", "answer", as_bytes("5"), {}, patience));
}

INSTANTIATE_TEST_SUITE_P(Ways, FrameLimits, testing::ValuesIn(all_ways()),
                         [](const auto& way) { return name_of(way.param); });

}  // namespace
}  // namespace busrt
