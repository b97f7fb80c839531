// A name server that does not answer costs an operation its deadline, and nothing else anything. As root.
#include "busrt_testing/silent_name_server.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <thread>

#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "transport/name_lookup.hpp"

namespace busrt {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// The resolver itself takes five times as long.
constexpr std::chrono::seconds patience{30};
constexpr const char* nowhere = "no.such.host.example";

BrokerConfig with_timeout(std::chrono::milliseconds timeout) {
  BrokerConfig config;
  config.timeout = timeout;
  return config;
}

class ASilentNameServer : public ::testing::Test {
 protected:
  void SetUp() override {
    auto started = busrt_testing::SilentNameServer::start();
    if (!started && ::geteuid() != 0) GTEST_SKIP() << "a name server of one's own takes root";
    ASSERT_TRUE(started) << started.error().describe();
    server = *std::move(started);
  }
  void TearDown() override { EXPECT_LT(Clock::now() - begin, patience) << "something waited for an answer"; }

  std::unique_ptr<busrt_testing::SilentNameServer> server;
  Clock::time_point begin = Clock::now();
};

TEST_F(ASilentNameServer, EndsAConnectAtItsDeadlineAndHoldsUpNoDestructor) {
  for (const std::string scheme : {"", "tcp://", "ws://", "wss://"}) {
    ClientConfig config{.name = "app", .address = scheme + nowhere + ":7777"};
    config.timeout = 100ms;
    BlockingClient client(std::move(config));
    const auto up = client.connect();
    ASSERT_FALSE(up) << scheme;
    EXPECT_EQ(up.error().code, errc::timeout) << scheme << ": " << up.error().describe();
    EXPECT_TRUE(server->asked()) << scheme;
  }
}

boost::asio::awaitable<void> connect_to_nowhere(std::shared_ptr<int> token) {
  ClientConfig config{.name = "app", .address = std::string(nowhere) + ":7777"};
  config.timeout = 1h;
  Client client(co_await boost::asio::this_coro::executor, std::move(config));
  static_cast<void>(co_await client.connect());
  *token = 1;
}

TEST_F(ASilentNameServer, HoldsUpNoContextThatGoesWithACoroutineThatConnects) {
  const auto token = std::make_shared<int>(0);
  {
    boost::asio::io_context context(1);
    boost::asio::co_spawn(context, connect_to_nowhere(token), boost::asio::detached);
    std::jthread loop([&context] { context.run(); });
    EXPECT_TRUE(server->asked());
    context.stop();
  }
  EXPECT_EQ(token.use_count(), 1) << "the coroutine is still somewhere";
}

TEST_F(ASilentNameServer, EndsAListenAtTheBrokersTimeout) {
  Broker broker(with_timeout(100ms));
  for (const std::string scheme : {"", "ws://"}) {
    const auto bound = broker.listen(scheme + nowhere + ":7777");
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().code, errc::timeout);
    EXPECT_NE(bound.error().message.find(nowhere), std::string::npos) << bound.error().describe();
  }
}

TEST_F(ASilentNameServer, HoldsUpNoShutdownOfABrokerThatIsAboutToListen) {
  Broker broker(with_timeout(1h));
  Result<> bound;
  std::thread listener([&] { bound = broker.listen(std::string(nowhere) + ":7777"); });
  EXPECT_TRUE(server->asked());
  broker.shutdown();
  listener.join();
  ASSERT_FALSE(bound);
  EXPECT_EQ(bound.error().code, errc::closed);
}

TEST_F(ASilentNameServer, KeepsAtMostSoManyThreadsAndTheOthersWaitForTheirTurn) {
  using transport::NameLookup;
  using transport::NameUse;
  std::deque<NameLookup> lookups;
  auto next = NameLookup::start(nowhere, NameUse::connect);
  for (; next; next = NameLookup::start(nowhere, NameUse::connect)) lookups.push_back(*std::move(next));
  EXPECT_EQ(next.error().code, errc::busy) << next.error().describe();
  // Threads that earlier tests have left may still be there.
  EXPECT_GE(lookups.size(), limits::name_lookups_waiting);
  EXPECT_LE(lookups.size(), limits::name_lookups + limits::name_lookups_waiting);
  // Those that are left give their turn to others.
  lookups.pop_back();
  EXPECT_TRUE(NameLookup::start(nowhere, NameUse::connect));
  EXPECT_TRUE(transport::look_up("127.0.0.1", NameUse::bind, 0ms, {})) << "a numeric address takes no turn";
}

}  // namespace
}  // namespace busrt
