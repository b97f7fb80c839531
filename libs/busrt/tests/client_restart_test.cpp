// Clients and a real broker that is stopped and started again.
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "broker_fixture.hpp"
#include "busrt/blocking_client.hpp"
#include "client_fixture.hpp"

namespace busrt {
namespace {

using std::chrono::milliseconds;

struct Slow {
  std::atomic<bool> started{false};
  std::atomic<bool> caller_gone{false};
};

asio::awaitable<RpcResult> answer_late(std::shared_ptr<Slow> slow) {
  slow->started = true;
  const auto executor = co_await asio::this_coro::executor;
  while (!slow->caller_gone) co_await asio::post(executor, asio::use_awaitable);
  co_return std::vector<std::byte>();
}

class BrokerRestarts : public testing::Test {
 protected:
  void start() {
    broker = std::make_unique<Broker>(BrokerConfig{});
    ASSERT_TRUE(broker->listen(socket()));
  }
  void restart() {
    broker.reset();
    start();
  }
  void SetUp() override { start(); }
  [[nodiscard]] std::string socket() const { return busrt_testing::ipc_address_in(directory.path()); }
  [[nodiscard]] ClientConfig config(std::string name) const {
    ClientConfig made{.name = std::move(name), .address = socket()};
    made.reconnect.first_delay = milliseconds(1);
    made.reconnect.most_delay = milliseconds(5);
    return made;
  }
  /// Until the client has its connection to the present broker.
  static void wait_connections(BlockingClient& client, std::uint64_t connections) {
    for (auto status = client.status();
         status.state != ConnectionState::connected || status.connections < connections;) {
      status = client.wait_state_change(status.version, patience).value();
    }
  }

  TemporaryDirectory directory;
  std::unique_ptr<Broker> broker;
};

TEST_F(BrokerRestarts, SubscriptionsComeBackAndPublishersGoOn) {
  BlockingClient subscriber(config("subscriber"));
  BlockingClient publisher(config("publisher"));
  ASSERT_TRUE(subscriber.connect());
  ASSERT_TRUE(publisher.connect());
  ASSERT_TRUE(subscriber.subscribe({"news/#"}));
  ASSERT_TRUE(subscriber.exclude({"news/noise"}));
  for (std::uint64_t round = 1; round <= 5; ++round) {
    ASSERT_TRUE(publisher.publish("news/noise", as_bytes("excluded")));
    ASSERT_TRUE(publisher.publish("news/today", as_bytes(std::to_string(round))));
    for (;;) {
      const auto frame = subscriber.receive(patience);
      ASSERT_TRUE(frame) << frame.error().describe();
      if (frame->topic().starts_with('.')) continue;
      EXPECT_EQ(frame->text(), std::to_string(round));
      break;
    }
    restart();
    wait_connections(subscriber, round + 1);
  }
  EXPECT_EQ(subscriber.stats().connections, 6U);
  EXPECT_EQ(subscriber.stats().patterns_refused, 0U);
}

TEST_F(BrokerRestarts, OperationsDuringAnOutageCompleteAfterIt) {
  BlockingClient client(config("app"));
  ASSERT_TRUE(client.connect());
  broker.reset();
  ASSERT_TRUE(eventually([&] { return !client.connected(); }));
  std::vector<std::future<Result<>>> published;
  for (int i = 0; i < 100; ++i) {
    published.push_back(
        client.async().publish("topic", as_bytes(std::to_string(i)), QoS::processed, asio::use_future));
  }
  EXPECT_EQ(code_of(client.wait_connected(milliseconds(0))), errc::timeout);
  start();
  for (auto& one : published) ASSERT_TRUE(value_of(std::move(one)));
  EXPECT_TRUE(client.wait_connected(patience));
}

TEST_F(BrokerRestarts, UnderRestartsEveryConfirmedPublicationIsAtLeastOnceAndInOrder) {
  // The subscriber is connected before the publisher's frames go out again, or it may miss them: at the
  // broker "processed" means queued for those who are there. So the two share a client.
  auto both = config("both");
  both.reconnect.first_delay = milliseconds(1);
  BlockingClient client(both);
  ASSERT_TRUE(client.connect());
  ASSERT_TRUE(client.subscribe({"numbers"}));
  constexpr int each = 400;
  std::atomic<int> confirmed{0};
  std::jthread publishing([&] {
    for (int i = 0; i < each; ++i) {
      const auto sent = client.publish("numbers", as_bytes(std::to_string(i)));
      ASSERT_TRUE(sent) << sent.error().describe();
      ++confirmed;
    }
    ASSERT_TRUE(client.publish("numbers", as_bytes("end")));
  });
  std::jthread restarting([&] {
    for (int round = 1; round <= 4; ++round) {
      ASSERT_TRUE(eventually([&] { return confirmed >= round * each / 5; }));
      restart();
    }
  });
  int last = -1;
  for (;;) {
    const auto frame = client.receive(patience);
    ASSERT_TRUE(frame) << frame.error().describe();
    if (frame->topic() != "numbers") continue;
    if (frame->text() == "end") break;
    const int number = std::stoi(std::string(frame->text()));
    // One publication is under way at a time, so a repetition is that of the last, and nothing goes back.
    EXPECT_GE(number, last);
    last = number;
  }
  publishing.join();
  restarting.join();
  EXPECT_GE(client.stats().connections, 2U);
}

TEST_F(BrokerRestarts, HandlersServeAfterARestart) {
  BlockingRpcClient server(config("server"));
  server.async().on("echo", echo);
  ASSERT_TRUE(server.connect());
  BlockingRpcClient caller(config("caller"));
  ASSERT_TRUE(caller.connect());
  ASSERT_TRUE(caller.call("server", "echo", as_bytes("before")));
  restart();
  // The callee may come back after the caller: the bus says so, and nothing was executed.
  for (;;) {
    const auto reply = caller.call("server", "echo", as_bytes("after"));
    if (reply) {
      EXPECT_EQ(as_text(reply->payload), "after");
      break;
    }
    if (code_of(reply) == errc::not_registered) {
      EXPECT_FALSE(reply.error().may_have_been_executed);
    } else {
      ASSERT_EQ(code_of(reply), errc::io) << reply.error().message;
    }
  }
}

TEST_F(BrokerRestarts, AReplyToACallerThatIsGoneIsCounted) {
  BlockingRpcClient server(config("server"));
  const auto slow = std::make_shared<Slow>();
  server.async().on("slow", [slow](RpcRequest) { return answer_late(slow); });
  ASSERT_TRUE(server.connect());
  {
    BlockingRpcClient caller(config("caller"));
    ASSERT_TRUE(caller.connect());
    auto pending =
        caller.async().call("server", "slow", {}, QoS::processed, std::chrono::hours(1), asio::use_future);
    ASSERT_TRUE(eventually([&] { return slow->started.load(); }));
  }
  ASSERT_TRUE(eventually([&] { return broker->clients().size() == 1; }));
  slow->caller_gone = true;
  EXPECT_TRUE(eventually([&] { return server.async().stats().replies_caller_gone == 1; }));
}

TEST_F(BrokerRestarts, ThreadsShareAClientThatLosesItsConnectionAgainAndAgain) {
  BlockingClient client(config("app"));
  ASSERT_TRUE(client.connect());
  std::atomic<bool> stop{false};
  std::atomic<int> confirmed{0};
  std::vector<std::jthread> threads;
  for (int number = 0; number < 3; ++number) {
    threads.emplace_back([&] {
      while (!stop) {
        ASSERT_TRUE(client.publish("topic", as_bytes("acked")));
        ++confirmed;
        (void)client.publish("topic", as_bytes("unacked"), QoS::no);
        (void)client.stats();
      }
    });
  }
  threads.emplace_back([&] {
    while (!stop) (void)client.wait_state_change(client.status().version, milliseconds(1));
  });
  for (int round = 1; round <= 20; ++round) {
    const int before = confirmed;
    EXPECT_TRUE(eventually([&] { return broker->disconnect("app").has_value(); }));
    ASSERT_TRUE(eventually([&] { return confirmed > before + 5; }));
  }
  stop = true;
  threads.clear();
  EXPECT_GE(client.stats().connections, 2U);
}

TEST_F(BrokerRestarts, AnEndpointOfABrokerThatIsGoneIsNotTriedForEver) {
  auto inside = config("app");
  inside.endpoint = broker->local();
  BlockingClient client(inside);
  ASSERT_TRUE(client.connect());
  broker->shutdown();
  for (;;) {
    const auto frame = client.receive(patience);
    if (frame) continue;
    EXPECT_EQ(code_of(frame), errc::closed);
    break;
  }
  EXPECT_TRUE(eventually([&] { return client.status().state == ConnectionState::disconnected; }));
}

}  // namespace
}  // namespace busrt
