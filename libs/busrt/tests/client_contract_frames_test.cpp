// Our client with any broker: frames, errors, the end of the broker, threads.
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "client_contract.hpp"

namespace busrt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_P(ClientContract, PublicationsReachSubscribersWithTheirTopicAndSender) {
  auto subscriber = connected("subscriber");
  auto publisher = connected("publisher");
  ASSERT_TRUE(subscriber.subscribe({"news/#", "events/process/+"}));
  ASSERT_TRUE(publisher.publish("news/today", as_bytes("one")));
  ASSERT_TRUE(publisher.publish("other/today", as_bytes("not wanted")));
  ASSERT_TRUE(publisher.publish("events/process/new", as_bytes("two"), QoS::no));
  const auto first = subscriber.receive(patience);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind(), FrameKind::publish);
  EXPECT_EQ(first->topic(), "news/today");
  EXPECT_EQ(first->sender(), "publisher");
  EXPECT_EQ(first->text(), "one");
  const auto second = subscriber.receive(patience);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->text(), "two");
  ASSERT_TRUE(subscriber.unsubscribe({"news/#"}));
  ASSERT_TRUE(publisher.publish("news/today", as_bytes("not any more")));
  EXPECT_EQ(code_of(subscriber.receive(milliseconds(1))), errc::timeout);
}

TEST_P(ClientContract, AClientOfAShorterTimeoutThanTheBrokersStaysConnected) {
  // Silence from the broker is usual for half of the broker's timeout, and what is sent without acks is
  // answered by nothing.
  auto idle = config("idle");
  auto busy = config("busy");
  idle.timeout = busy.timeout = milliseconds(200);
  idle.reconnect.enabled = busy.reconnect.enabled = false;
  BlockingClient listener(idle);
  BlockingClient publisher(busy);
  ASSERT_TRUE(listener.connect());
  ASSERT_TRUE(publisher.connect());
  // Nothing comes to the listener all the while, and that is no end of its connection either.
  const auto end = std::chrono::steady_clock::now() + seconds(2);
  while (std::chrono::steady_clock::now() < end) {
    const auto sent = publisher.publish("nobody/wants/this", as_bytes("x"), QoS::realtime);
    ASSERT_TRUE(sent) << sent.error().describe();
    ASSERT_EQ(code_of(listener.receive(milliseconds(1))), errc::timeout);
  }
  EXPECT_TRUE(listener.connected());
  EXPECT_TRUE(publisher.publish("nobody/wants/this", as_bytes("x")));
}

TEST_P(ClientContract, ExcludedTopicsDoNotComeUntilTheyAreUnexcluded) {
  auto subscriber = connected("subscriber");
  auto publisher = connected("publisher");
  ASSERT_TRUE(subscriber.subscribe({"#"}));
  ASSERT_TRUE(subscriber.exclude({"noise/+"}));
  ASSERT_TRUE(publisher.publish("noise/a", as_bytes("excluded")));
  ASSERT_TRUE(subscriber.unexclude({"noise/+"}));
  ASSERT_TRUE(publisher.publish("noise/a", as_bytes("wanted")));
  const auto frame = subscriber.receive(patience);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->text(), "wanted");
}

TEST_P(ClientContract, MessagesBroadcastsAndPublishForReachWhomTheyName) {
  auto one = connected("group.one");
  auto two = connected("group.two");
  auto sender = connected("sender");
  ASSERT_TRUE(one.subscribe({"tasks/#"}));
  ASSERT_TRUE(two.subscribe({"tasks/#"}));
  ASSERT_TRUE(sender.send("group.one", as_bytes("message"), QoS::realtime_processed));
  ASSERT_TRUE(sender.broadcast("group.*", as_bytes("broadcast")));
  ASSERT_TRUE(sender.publish_for("tasks/scan", "group.two", as_bytes("for two")));
  const auto first = one.receive(patience);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->text(), "message");
  EXPECT_TRUE(first->realtime());
  EXPECT_EQ(one.receive(patience)->text(), "broadcast");
  EXPECT_EQ(two.receive(patience)->kind(), FrameKind::broadcast);
  EXPECT_EQ(two.receive(patience)->text(), "for two");
  EXPECT_EQ(code_of(one.receive(milliseconds(1))), errc::timeout);
}

TEST_P(ClientContract, ErrorsOfTheBrokerAreResults) {
  auto client = connected("app");
  EXPECT_EQ(code_of(client.send("nobody", {})), errc::not_registered);
  BlockingClient twin(config("app"));
  EXPECT_EQ(code_of(twin.connect()), errc::busy);
  BlockingClient orphan(config("nobody%%1"));
  EXPECT_EQ(code_of(orphan.connect()), errc::not_registered);
  BlockingClient secondary(config("app%%1"));
  EXPECT_TRUE(secondary.connect());
}

TEST_P(ClientContract, AFrameLargerThanEveryBufferArrivesWhole) {
  auto receiver = connected("receiver");
  auto sender = connected("sender");
  std::string large(10U << 20, 'x');
  for (std::size_t i = 0; i < large.size(); i += 4096) large[i] = static_cast<char>('a' + i / 4096 % 26);
  ASSERT_TRUE(sender.send("receiver", as_bytes(large)));
  const auto frame = receiver.receive(patience);
  ASSERT_TRUE(frame);
  EXPECT_TRUE(frame->text() == large);
}

TEST_P(ClientContract, WithoutReconnectingTheEndOfTheBrokerIsIoAndAClientConnectsToTheNextOne) {
  auto once = config("app");
  once.reconnect.enabled = false;
  BlockingClient client(once);
  ASSERT_TRUE(client.connect());
  broker_->shutdown();
  // The broker's announcement may come first.
  for (auto frame = client.receive(patience);; frame = client.receive(patience)) {
    if (frame) continue;
    EXPECT_EQ(code_of(frame), errc::io);
    break;
  }
  EXPECT_FALSE(client.connected());
  EXPECT_EQ(code_of(client.publish("t", {})), errc::not_connected);
  if (!broker_->start_again()) {
    EXPECT_EQ(code_of(client.connect()), errc::closed);
    return;
  }
  EXPECT_TRUE(client.connect());
  EXPECT_TRUE(client.publish("t", {}));
}

TEST_P(ClientContract, ThreadsThatShareAClientKeepTheirOwnOrder) {
  auto receiver = connected("receiver");
  auto sender = connected("sender");
  constexpr int threads = 4;
  constexpr int each = 2'000;
  std::vector<std::jthread> senders;
  for (int number = 0; number < threads; ++number) {
    senders.emplace_back([&sender, number] {
      for (int i = 0; i < each; ++i) {
        const std::string text = std::to_string(number) + ":" + std::to_string(i);
        // Both ways out: straight into the buffer, and as an operation that is confirmed.
        const auto sent = sender.send("receiver", as_bytes(text), i % 50 == 0 ? QoS::processed : QoS::no);
        ASSERT_TRUE(sent) << sent.error().describe();
      }
    });
  }
  std::map<std::string, int> next;
  for (int i = 0; i < threads * each; ++i) {
    const auto frame = receiver.receive(patience);
    ASSERT_TRUE(frame) << frame.error().describe();
    const std::string text(frame->text());
    const std::size_t colon = text.find(':');
    ASSERT_EQ(std::stoi(text.substr(colon + 1)), next[text.substr(0, colon)]++);
  }
}

TEST_P(ClientContract, AClientWorksOnAnExecutorOfSeveralThreads) {
  auto receiver = connected("receiver");
  asio::io_context context;
  std::vector<std::jthread> threads;
  auto work = asio::make_work_guard(context);
  for (int i = 0; i < 3; ++i) threads.emplace_back([&context] { context.run(); });
  {
    Client client(context.get_executor(), config("app"));
    ASSERT_TRUE(value_of(client.connect(asio::use_future)));
    std::vector<std::future<Result<>>> sent;
    for (int i = 0; i < 2'000; ++i)
      sent.push_back(client.send("receiver", as_bytes("x"), QoS::processed, asio::use_future));
    for (auto& one : sent) ASSERT_TRUE(value_of(std::move(one)));
    ASSERT_TRUE(value_of(client.disconnect(seconds(5), asio::use_future)));
  }
  for (int i = 0; i < 2'000; ++i) ASSERT_TRUE(receiver.receive(patience));
  work.reset();
}

}  // namespace
}  // namespace busrt
