// Remote calls through any broker.
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/json/object.hpp>
#include <memory>
#include <stdexcept>
#include <vector>

#include "busrt/msgpack.hpp"
#include "client_contract.hpp"
#include "eventually.hpp"

namespace busrt {
namespace {

using std::chrono::milliseconds;

asio::awaitable<RpcResult> refuse(RpcRequest) {
  co_return std::unexpected(RpcError{rpc_code::invalid_params, "field `pid` is missing"});
}
asio::awaitable<RpcResult> throw_in_coroutine(RpcRequest) {
  throw std::runtime_error("a secret detail");
  co_return std::vector<std::byte>();
}
asio::awaitable<RpcResult> throw_at_once(RpcRequest) {
  throw std::runtime_error("a secret detail");
}
asio::awaitable<RpcResult> never(RpcRequest) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::hours(1));
  co_await timer.async_wait(asio::use_awaitable);
  co_return std::vector<std::byte>();
}
asio::awaitable<RpcResult> name_of_method(RpcRequest request) {
  co_return to_bytes(request.method);
}

TEST_P(RpcContract, CallsReturnWhatTheHandlerGave) {
  auto server = make("server");
  server->async().on("echo", echo);
  ASSERT_TRUE(server->connect());
  auto caller = connected("caller");
  for (const QoS qos : {QoS::no, QoS::processed, QoS::realtime, QoS::realtime_processed}) {
    const auto reply = caller->call("server", "echo", as_bytes("payload"), qos);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(as_text(reply->payload), "payload");
    EXPECT_EQ(reply->frame.sender(), "server");
    EXPECT_EQ(reply->frame.realtime(), is_realtime(qos)) << "a reply goes out as the request came";
  }
  EXPECT_EQ(caller->call("server", "echo").value().payload.size(), 0U);
}

TEST_P(RpcContract, ErrorsOfTheCalleeKeepTheirCodeAndMessage) {
  auto server = make("server");
  server->async().on("refuse", refuse);
  server->async().on("throw", throw_in_coroutine);
  server->async().on("throw_at_once", throw_at_once);
  ASSERT_TRUE(server->connect());
  auto caller = connected("caller");
  const auto refused = caller->call("server", "refuse");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rpc_code, rpc_code::invalid_params);
  EXPECT_EQ(refused.error().message, "field `pid` is missing");
  EXPECT_EQ(code_of(refused), std::error_code(rpc_code::invalid_params, rpc_category()));
  for (const char* method : {"throw", "throw_at_once"}) {
    const auto failed = caller->call("server", method);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().rpc_code, rpc_code::internal);
    EXPECT_EQ(failed.error().message.find("secret"), std::string::npos);
  }
  const auto unknown = caller->call("server", "unknown");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().rpc_code, rpc_code::method_not_found);
}

TEST_P(RpcContract, TheCatchAllGetsMethodsWithoutAHandler) {
  auto server = make("server");
  server->async().on("echo", echo);
  server->async().on_any(name_of_method);
  ASSERT_TRUE(server->connect());
  auto caller = connected("caller");
  EXPECT_EQ(as_text(caller->call("server", "anything").value().payload), "anything");
  EXPECT_EQ(as_text(caller->call("server", "echo", as_bytes("x")).value().payload), "x");
}

TEST_P(RpcContract, ACallThatTheBusRefusesFailsAtOnce) {
  auto caller = connected("caller");
  const auto refused = caller->call("nobody", "method", {}, QoS::processed, std::chrono::hours(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(code_of(refused), errc::not_registered);
  EXPECT_EQ(refused.error().rpc_code, -32000 - 0x71);
  EXPECT_EQ(caller->call0("nobody", "method").error().rpc_code, -32000 - 0x71);
  EXPECT_EQ(code_of(caller->notify("nobody", {})), errc::not_registered);
}

TEST_P(RpcContract, ACallAlwaysEndsByItsTimeout) {
  auto server = make("server");
  server->async().on("never", never);
  ASSERT_TRUE(server->connect());
  auto caller = connected("caller", {.call_timeout = milliseconds(30)});
  const auto late = caller->call("server", "never");
  ASSERT_FALSE(late);
  EXPECT_EQ(code_of(late), errc::timeout);
  EXPECT_EQ(late.error().rpc_code, -32000 - 0x78);
}

TEST_P(RpcContract, ACalleeThatGoesAwayLeavesTheCallToItsTimeoutAndALostBusEndsItAtOnce) {
  auto server = make("server");
  server->async().on("never", never);
  ASSERT_TRUE(server->connect());
  auto caller = connected("caller");
  auto pending =
      caller->async().call("server", "never", {}, QoS::processed, std::chrono::hours(1), asio::use_future);
  broker_->shutdown();
  const auto ended = value_of(std::move(pending));
  ASSERT_FALSE(ended);
  EXPECT_EQ(code_of(ended), errc::io);
}

TEST_P(RpcContract, BothSidesCallEachOtherAndThemselves) {
  auto left = make("left");
  auto right = make("right");
  left->async().on("echo", echo);
  right->async().on("echo", echo);
  ASSERT_TRUE(left->connect());
  ASSERT_TRUE(right->connect());
  std::vector<std::future<CallResult<RpcReply>>> calls;
  for (int i = 0; i < 500; ++i) {
    const std::string text = std::to_string(i);
    const auto call = [&](RpcClient& from, std::string_view to) {
      calls.push_back(from.call(to, "echo", as_bytes(text), QoS::processed, {}, asio::use_future));
    };
    call(left->async(), "right");
    call(right->async(), "left");
    call(left->async(), "left");
  }
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const auto reply = value_of(std::move(calls[i]));
    ASSERT_TRUE(reply) << reply.error().message;
    ASSERT_EQ(as_text(reply->payload), std::to_string(i / 3));
  }
}

TEST_P(RpcContract, NotificationsAndOtherFramesHaveHandlersOfTheirOwn) {
  auto server = make("server");
  std::atomic<int> notifications{0};
  std::atomic<int> frames{0};
  server->async().on_notification([&notifications](const RpcNotification& notification) {
    if (as_text(notification.payload) == "ping") ++notifications;
  });
  server->async().on_frame([&frames](const Frame& frame) {
    if (frame.topic() == "news" || frame.text() == "\x7F no RPC") ++frames;
    throw std::runtime_error("a handler's fault is its own");
  });
  ASSERT_TRUE(server->connect());
  ASSERT_TRUE(value_of(server->async().client().subscribe({"news"}, asio::use_future)));
  auto caller = connected("caller");
  ASSERT_TRUE(caller->notify("server", as_bytes("ping")));
  ASSERT_TRUE(
      value_of(caller->async().client().publish("news", as_bytes("x"), QoS::processed, asio::use_future)));
  ASSERT_TRUE(value_of(
      caller->async().client().send("server", as_bytes("\x7F no RPC"), QoS::processed, asio::use_future)));
  EXPECT_TRUE(eventually([&] { return notifications == 1 && frames == 2; }));
}

/// Counts how many of its handlers run at once.
struct Gauge {
  std::atomic<int> running{0};
  std::atomic<int> most{0};
  std::atomic<int> served{0};
};

asio::awaitable<RpcResult> measured(std::shared_ptr<Gauge> gauge, RpcRequest) {
  const int now = ++gauge->running;
  if (now > gauge->most) gauge->most = now;
  asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(1));
  co_await timer.async_wait(asio::use_awaitable);
  --gauge->running;
  ++gauge->served;
  co_return std::vector<std::byte>();
}

TEST_P(RpcContract, HandlersBeyondTheLimitWaitAndEveryRequestIsServed) {
  auto server = make("server", {.max_running_handlers = 3});
  const auto gauge = std::make_shared<Gauge>();
  server->async().on("measured", [gauge](RpcRequest request) { return measured(gauge, std::move(request)); });
  ASSERT_TRUE(server->connect());
  auto caller = connected("caller", {.call_timeout = busrt_testing::patience});
  std::vector<std::future<CallResult<RpcReply>>> calls;
  for (int i = 0; i < 100; ++i) {
    calls.push_back(caller->async().call("server", "measured", {}, QoS::processed, {}, asio::use_future));
    ASSERT_TRUE(caller->call0("server", "measured"));
  }
  for (auto& call : calls) ASSERT_TRUE(value_of(std::move(call)));
  EXPECT_TRUE(eventually([&] { return gauge->served == 200; }));
  EXPECT_EQ(gauge->most, 3);
}

asio::awaitable<RpcResult> call_further(RpcClient& rpc, RpcRequest request) {
  const auto reply = co_await rpc.call("backend", "echo", request.payload);
  if (!reply) co_return std::unexpected(RpcError{reply.error().rpc_code, reply.error().message});
  co_return std::vector(reply->payload.begin(), reply->payload.end());
}

TEST_P(RpcContract, HandlersAtTheirLimitStillGetTheRepliesToTheirOwnCalls) {
  auto backend = make("backend");
  backend->async().on("echo", echo);
  ASSERT_TRUE(backend->connect());
  auto middle = make("middle", {.max_running_handlers = 1});
  RpcClient& rpc = middle->async();
  rpc.on("further", [&rpc](RpcRequest request) { return call_further(rpc, std::move(request)); });
  ASSERT_TRUE(middle->connect());
  auto caller = connected("caller", {.call_timeout = busrt_testing::patience});
  std::vector<std::future<CallResult<RpcReply>>> calls;
  for (int i = 0; i < 50; ++i) {
    calls.push_back(
        caller->async().call("middle", "further", as_bytes("x"), QoS::processed, {}, asio::use_future));
  }
  for (auto& call : calls) {
    const auto reply = value_of(std::move(call));
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(as_text(reply->payload), "x");
  }
}

TEST_P(RpcContract, TheBrokerItselfAnswers) {
  auto caller = connected("caller");
  const auto reply = caller->call(broker_name, "test");
  ASSERT_TRUE(reply) << reply.error().message;
  const auto value = msgpack::decode(reply->payload);
  ASSERT_TRUE(value);
  EXPECT_EQ(value->at("ok"), true);
  EXPECT_EQ(as_text(caller->call(broker_name, "benchmark.test", as_bytes("bytes")).value().payload), "bytes");
}

TEST_P(RpcContract, DestructionWithCallsPendingCompletesThemWithClosed) {
  auto server = make("server");
  server->async().on("never", never);
  ASSERT_TRUE(server->connect());
  detail::LoopThread loop{{}};
  auto rpc = std::make_unique<RpcClient>(Client(loop.context().get_executor(), config("caller")));
  ASSERT_TRUE(value_of(rpc->connect(asio::use_future)));
  auto pending = rpc->call("server", "never", {}, QoS::processed, std::chrono::hours(1), asio::use_future);
  rpc.reset();
  EXPECT_EQ(code_of(value_of(std::move(pending))), errc::closed);
}

}  // namespace
}  // namespace busrt
