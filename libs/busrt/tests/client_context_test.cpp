// A client and the life of its execution context.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <thread>

#include "busrt/rpc.hpp"
#include "busrt_testing/scripted_peer.hpp"

namespace busrt {
namespace {

namespace asio = boost::asio;
using busrt_testing::ScriptedPeer;

asio::awaitable<void> receive_forever(std::string address, std::shared_ptr<int> token, bool& waiting) {
  const auto executor = co_await asio::this_coro::executor;
  Client client(executor, {.name = "app", .address = address});
  if (auto up = co_await client.connect(); !up) co_return;
  waiting = true;
  (void)co_await client.receive();
  *token = 1;
}

TEST(ClientContext, ACoroutineThatWaitsOnItsOwnClientGoesWithTheContext) {
  ScriptedPeer peer;
  const auto token = std::make_shared<int>(0);
  bool waiting = false;
  {
    asio::io_context context;
    asio::co_spawn(context, receive_forever(peer.address(), token, waiting), asio::detached);
    std::jthread broker([&peer] { peer.accept_client(); });
    while (!waiting) context.run_one();
    broker.join();
  }
  EXPECT_EQ(*token, 0);
  EXPECT_EQ(token.use_count(), 1) << "the coroutine is still somewhere";
}

asio::awaitable<void> call_forever(std::string address, std::shared_ptr<int> token, bool& waiting) {
  const auto executor = co_await asio::this_coro::executor;
  RpcClient rpc(Client(executor, {.name = "app", .address = address}));
  if (auto up = co_await rpc.connect(); !up) co_return;
  waiting = true;
  (void)co_await rpc.call("nobody", "method");
  *token = 1;
}

TEST(ClientContext, ACoroutineThatWaitsForItsOwnCallGoesWithTheContext) {
  ScriptedPeer peer;
  const auto token = std::make_shared<int>(0);
  bool waiting = false;
  {
    asio::io_context context;
    asio::co_spawn(context, call_forever(peer.address(), token, waiting), asio::detached);
    std::jthread broker([&peer] { peer.accept_client(); });
    while (!waiting) context.run_one();
    broker.join();
  }
  EXPECT_EQ(token.use_count(), 1) << "the coroutine is still somewhere";
}

asio::awaitable<void> receive_or_give_up(Client& client, int& rounds) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (; rounds < 50; ++rounds) {
    timer.expires_after(std::chrono::milliseconds(1));
    auto first = co_await (client.receive() || timer.async_wait(asio::use_awaitable));
    if (first.index() != 1) co_return;
  }
}

asio::awaitable<void> give_up_often(std::string address, int& rounds) {
  const auto executor = co_await asio::this_coro::executor;
  Client client(executor, {.name = "app", .address = address});
  if (auto up = co_await client.connect(); !up) co_return;
  co_await receive_or_give_up(client, rounds);
}

TEST(ClientContext, ReceiveWorksWithAwaitableOperators) {
  ScriptedPeer peer;
  int rounds = 0;
  asio::io_context context;
  asio::co_spawn(context, give_up_often(peer.address(), rounds), asio::detached);
  std::jthread broker([&peer] { peer.accept_client(); });
  context.run();
  EXPECT_EQ(rounds, 50);
}

TEST(ClientContext, TheContextRunsOutOfWorkWhenItsClientIsGone) {
  ScriptedPeer peer;
  asio::io_context context;
  auto client = std::make_unique<Client>(context.get_executor(),
                                         ClientConfig{.name = "app", .address = peer.address()});
  bool connected = false;
  client->connect([&connected, &client](const Result<>& result) {
    connected = result.has_value();
    client.reset();
  });
  std::jthread broker([&peer] { peer.accept_client(); });
  context.run();
  EXPECT_TRUE(connected);
}

}  // namespace
}  // namespace busrt
