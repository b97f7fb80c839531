// Our client library against the real BUS/RT broker.
#include "reference_broker.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <chrono>
#include <string>
#include <vector>

#include "busrt/blocking_client.hpp"
#include "busrt/msgpack.hpp"

namespace interop {
namespace {

using busrt::as_bytes;
using busrt::BlockingClient;
using busrt::BlockingRpcClient;
using busrt::errc;
using busrt::QoS;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class ReferenceBrokerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(reference_broker_program())) {
      const std::string reason = "missing peer: " + reference_broker_program().string() +
                                 " (tests/interop/setup_peers.sh installs it)";
      if (peers_required()) FAIL() << reason;
      GTEST_SKIP() << reason;
    }
    ASSERT_TRUE(broker_.start());
  }

  busrt::ClientConfig config(std::string name) {
    busrt::ClientConfig config{.name = std::move(name), .address = broker_.address()};
    config.timeout = 20s;
    return config;
  }

  ReferenceBroker broker_;
};

#define ASSERT_OK(expression)                                    \
  do {                                                           \
    const auto outcome = (expression);                           \
    ASSERT_TRUE(outcome.has_value()) << outcome.error().message; \
  } while (false)

std::string received(BlockingClient& client) {
  const auto frame = client.receive(20s);
  return frame ? std::string(frame->text()) : "nothing: " + frame.error().describe();
}

TEST_F(ReferenceBrokerTest, PublicationsFollowSubscriptionsAndExclusions) {
  BlockingClient publisher(config("publisher"));
  BlockingClient subscriber(config("subscriber"));
  ASSERT_OK(publisher.connect());
  ASSERT_OK(subscriber.connect());
  ASSERT_OK(subscriber.subscribe({"news/+", "deep/#"}));
  ASSERT_OK(subscriber.exclude({"news/secret", "deep/secret/#"}));
  for (const char* topic :
       {"news/a", "news/secret", "news/a/b", "deep/a/b", "deep/secret/x", "other", "news/end"}) {
    ASSERT_OK(publisher.publish(topic, as_bytes(topic)));
  }
  EXPECT_EQ(received(subscriber), "news/a");
  EXPECT_EQ(received(subscriber), "deep/a/b");
  const auto last = subscriber.receive(20s);
  ASSERT_TRUE(last);
  EXPECT_EQ(last->text(), "news/end");
  EXPECT_EQ(last->topic(), "news/end");
  EXPECT_EQ(last->sender(), "publisher");
  EXPECT_EQ(last->kind(), busrt::FrameKind::publish);
}

TEST_F(ReferenceBrokerTest, UnexcludingAndUnsubscribingTakeEffect) {
  BlockingClient publisher(config("publisher"));
  BlockingClient subscriber(config("subscriber"));
  ASSERT_OK(publisher.connect());
  ASSERT_OK(subscriber.connect());
  ASSERT_OK(subscriber.subscribe({"a", "b", "c"}));
  ASSERT_OK(subscriber.exclude({"b"}));
  ASSERT_OK(subscriber.unexclude({"b"}));
  ASSERT_OK(subscriber.unsubscribe({"a"}));
  for (const char* topic : {"a", "b", "c"}) ASSERT_OK(publisher.publish(topic, as_bytes(topic)));
  EXPECT_EQ(received(subscriber), "b");
  EXPECT_EQ(received(subscriber), "c");
}

TEST_F(ReferenceBrokerTest, APublicationForOneReceiverReachesItAlone) {
  BlockingClient publisher(config("publisher"));
  BlockingClient wanted(config("wanted"));
  BlockingClient other(config("other"));
  for (BlockingClient* client : {&publisher, &wanted, &other}) ASSERT_OK(client->connect());
  for (BlockingClient* client : {&wanted, &other}) ASSERT_OK(client->subscribe({"t/#"}));
  ASSERT_OK(publisher.publish_for("t/x", "wanted", as_bytes("for one")));
  ASSERT_OK(publisher.publish("t/x", as_bytes("for all")));
  EXPECT_EQ(received(wanted), "for one");
  EXPECT_EQ(received(wanted), "for all");
  EXPECT_EQ(received(other), "for all");
}

TEST_F(ReferenceBrokerTest, MessagesAndBroadcastsReachTheirTargets) {
  BlockingClient sender(config("sender"));
  BlockingClient first(config("group.one"));
  BlockingClient second(config("group.two"));
  for (BlockingClient* client : {&sender, &first, &second}) ASSERT_OK(client->connect());
  for (const QoS qos : {QoS::no, QoS::processed, QoS::realtime, QoS::realtime_processed}) {
    ASSERT_OK(sender.send("group.one", as_bytes("direct"), qos));
    const auto frame = first.receive(20s);
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->text(), "direct");
    EXPECT_EQ(frame->kind(), busrt::FrameKind::message);
    EXPECT_EQ(frame->realtime(), busrt::is_realtime(qos));
  }
  ASSERT_OK(sender.broadcast("group.?", as_bytes("all")));
  EXPECT_EQ(received(first), "all");
  EXPECT_EQ(received(second), "all");
}

TEST_F(ReferenceBrokerTest, RefusalsAreErrorsWithTheBrokersCode) {
  BlockingClient client(config("client"));
  ASSERT_OK(client.connect());
  const auto sent = client.send("nobody", as_bytes("x"));
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, errc::not_registered);
  BlockingClient same_name(config("client"));
  const auto refused = same_name.connect();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::busy);
  BlockingClient reserved(config(".reserved"));
  EXPECT_FALSE(reserved.connect());
}

TEST_F(ReferenceBrokerTest, FramesOfSeveralMebibytesPassUnchanged) {
  BlockingClient sender(config("sender"));
  BlockingClient receiver(config("receiver"));
  ASSERT_OK(sender.connect());
  ASSERT_OK(receiver.connect());
  std::string payload(6U << 20, '\0');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 31 + (i >> 8));
  ASSERT_OK(sender.send("receiver", as_bytes(payload)));
  const auto frame = receiver.receive(20s);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->text(), payload);
}

TEST_F(ReferenceBrokerTest, FramesOfOneSenderKeepTheirOrder) {
  constexpr int count = 5000;
  BlockingClient sender(config("sender"));
  BlockingClient receiver(config("receiver"));
  ASSERT_OK(sender.connect());
  ASSERT_OK(receiver.connect());
  for (int i = 0; i < count; ++i) ASSERT_OK(sender.send("receiver", as_bytes(std::to_string(i)), QoS::no));
  for (int i = 0; i < count; ++i) ASSERT_EQ(received(receiver), std::to_string(i));
}

TEST_F(ReferenceBrokerTest, TheEndOfTheBrokerIsAnErrorAndNotAHang) {
  auto once = config("client");
  once.reconnect.enabled = false;
  BlockingClient client(once);
  ASSERT_OK(client.connect());
  broker_.stop();
  // Frames that the broker still sent come first.
  auto frame = client.receive(20s);
  while (frame) frame = client.receive(20s);
  EXPECT_EQ(frame.error().code, errc::io);
  EXPECT_FALSE(client.publish("a", as_bytes("x")));
}

TEST_F(ReferenceBrokerTest, ANewBrokerAtTheOldAddressGetsSubscriptionsAndWhatWasNotConfirmed) {
  BlockingClient subscriber(config("subscriber"));
  BlockingClient publisher(config("publisher"));
  ASSERT_OK(subscriber.connect());
  ASSERT_OK(publisher.connect());
  ASSERT_OK(subscriber.subscribe({"kept/#"}));
  ASSERT_OK(subscriber.exclude({"kept/not"}));
  ASSERT_OK(publisher.publish("kept/a", as_bytes("before")));
  EXPECT_EQ(received(subscriber), "before");
  broker_.stop();
  const auto down = [](BlockingClient& client) {
    while (client.status().state == busrt::ConnectionState::connected) (void)client.receive(100ms);
  };
  down(subscriber);
  down(publisher);
  ASSERT_TRUE(broker_.start());
  ASSERT_OK(subscriber.wait_connected(20s));
  ASSERT_OK(publisher.publish("kept/not", as_bytes("excluded")));
  ASSERT_OK(publisher.publish("kept/b", as_bytes("after")));
  EXPECT_EQ(received(subscriber), "after");
}

boost::json::value decoded(std::span<const std::byte> bytes) {
  auto value = busrt::msgpack::decode(bytes);
  return value ? *value : boost::json::value("undecodable: " + value.error().describe());
}

TEST_F(ReferenceBrokerTest, TheBrokersOwnMethodsAnswer) {
  BlockingRpcClient client(config("asker"));
  ASSERT_OK(client.connect());
  const auto test = client.call(".broker", "test");
  ASSERT_TRUE(test) << test.error().message;
  EXPECT_EQ(decoded(test->payload), boost::json::value({{"ok", true}}));
  const auto list = client.call(".broker", "client.list");
  ASSERT_TRUE(list) << list.error().message;
  const auto clients = decoded(list->payload).at("clients").as_array();
  EXPECT_TRUE(std::ranges::any_of(
      clients, [](const boost::json::value& entry) { return entry.at("name") == "asker"; }));
  const auto unknown = client.call(".broker", "no.such.method");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().rpc_code, busrt::rpc_code::method_not_found);
}

boost::asio::awaitable<busrt::RpcResult> reverse(busrt::RpcRequest request) {
  std::vector<std::byte> reversed(request.payload.rbegin(), request.payload.rend());
  co_return reversed;
}

boost::asio::awaitable<busrt::RpcResult> refuse(busrt::RpcRequest) {
  co_return std::unexpected(busrt::RpcError{.code = -777, .message = "not today"});
}

TEST_F(ReferenceBrokerTest, CallsAndErrorsTravelBothWays) {
  BlockingRpcClient callee(config("callee"));
  callee.async().on("reverse", reverse);
  callee.async().on("refuse", refuse);
  ASSERT_OK(callee.connect());
  BlockingRpcClient caller(config("caller"));
  ASSERT_OK(caller.connect());
  const auto reply = caller.call("callee", "reverse", as_bytes("abc"));
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(busrt::as_text(reply->payload), "cba");
  const auto refused = caller.call("callee", "refuse");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rpc_code, -777);
  EXPECT_EQ(refused.error().message, "not today");
  const auto nobody = caller.call("nobody", "reverse");
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, errc::not_registered);
  EXPECT_EQ(nobody.error().rpc_code, -32000 - static_cast<int>(errc::not_registered));
}

}  // namespace
}  // namespace interop
