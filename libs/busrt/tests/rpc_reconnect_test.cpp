// Calls and the loss of a connection, against a scripted peer: nothing is executed twice unless its caller
// allows that.
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <optional>
#include <utility>

#include "broker_fixture.hpp"
#include "busrt/blocking_client.hpp"
#include "busrt_testing/scripted_peer.hpp"
#include "client_fixture.hpp"
#include "wire/codec.hpp"
#include "wire/rpc_frame.hpp"

namespace busrt {
namespace {

using busrt_testing::ReceivedRequest;
using busrt_testing::ScriptedPeer;
using std::chrono::milliseconds;
using Call = std::future<CallResult<RpcReply>>;

class RpcOverTwoConnections : public testing::Test {
 protected:
  void SetUp() override {
    ClientConfig config{.name = "app", .address = peer.address()};
    config.reconnect.first_delay = milliseconds(1);
    config.reconnect.most_delay = milliseconds(4);
    rpc.emplace(Client(loop.context().get_executor(), std::move(config)),
                RpcConfig{.call_timeout = busrt_testing::patience});
    rpc->on("echo", echo);
    auto connecting = rpc->connect(asio::use_future);
    peer.accept_client();
    ASSERT_TRUE(value_of(std::move(connecting)));
  }
  Call call(std::string_view params, CallOptions options = {}) {
    return rpc->call("server", "method", as_bytes(params), options, {}, asio::use_future);
  }
  void wait_down() {
    for (auto status = rpc->client().status(); status.state != ConnectionState::reconnecting;) {
      status = value_of(rpc->client().wait_state_change(status.version, asio::use_future)).value();
    }
  }
  /// The next request's RPC params.
  std::string next_params() {
    last = peer.next_request();
    wire::RpcFrame frame;
    EXPECT_TRUE(wire::decode_rpc(as_bytes(last.payload), frame));
    EXPECT_EQ(frame.kind, wire::RpcKind::request);
    last_call = frame.call_id;
    return std::string(as_text(frame.payload));
  }
  void reply(std::string_view result) {
    busrt::base::ByteBuffer header;
    wire::append_rpc_reply_header(header, last_call);
    header.append(result);
    peer.deliver(FrameKind::message, "server", "", as_text(std::as_const(header).data()));
  }

  ScriptedPeer peer;
  detail::LoopThread loop{{}};
  std::optional<RpcClient> rpc;
  ReceivedRequest last;
  std::uint32_t last_call = 0;
};

TEST_F(RpcOverTwoConnections, ACallThatWasSentFailsAndIsNotSentAgain) {
  auto unacked = call("unacked");
  EXPECT_EQ(next_params(), "unacked");
  auto acked = call("acked");
  EXPECT_EQ(next_params(), "acked");
  peer.ack(last.op_id);
  auto unanswered = rpc->call("server", "method", as_bytes("no ack"), QoS::no, {}, asio::use_future);
  EXPECT_EQ(next_params(), "no ack");
  auto forgotten = rpc->call0("server", "method", as_bytes("call0"), QoS::processed, asio::use_future);
  EXPECT_EQ(next_params(), "call0");
  peer.close();
  for (Call* one : {&unacked, &acked, &unanswered}) {
    const auto ended = value_of(std::move(*one));
    ASSERT_FALSE(ended);
    EXPECT_EQ(code_of(ended), errc::io);
    EXPECT_TRUE(ended.error().may_have_been_executed) << ended.error().message;
  }
  const auto ended = value_of(std::move(forgotten));
  EXPECT_EQ(code_of(ended), errc::io);
  EXPECT_TRUE(ended.error().may_have_been_executed);
  EXPECT_EQ(rpc->stats().cut, 3U);
  EXPECT_EQ(rpc->client().stats().lost_by(ClientLoss::cut_once), 2U);
  peer.accept_client();
  auto next = call("next");
  EXPECT_EQ(next_params(), "next") << "nothing was sent twice";
  reply("done");
  EXPECT_EQ(as_text(value_of(std::move(next))->payload), "done");
}

TEST_F(RpcOverTwoConnections, AnIdempotentCallIsSentAgainWhateverHadBecomeOfIt) {
  auto unacked = call("unacked", {QoS::processed, IfCut::repeat});
  EXPECT_EQ(next_params(), "unacked");
  peer.close();
  peer.accept_client();
  EXPECT_EQ(next_params(), "unacked");
  peer.ack(last.op_id);
  peer.close();
  peer.accept_client();
  EXPECT_EQ(next_params(), "unacked") << "acknowledged, and the reply was lost with the connection";
  peer.ack(last.op_id);
  reply("done");
  EXPECT_EQ(as_text(value_of(std::move(unacked))->payload), "done");
  EXPECT_EQ(rpc->stats().repeated, 2U);
  reply("done again");
  peer.deliver(FrameKind::message, "server", "", std::string_view("\x01\x01\0\0\0echo\0x", 11));
  EXPECT_EQ(peer.next_request().target, "server") << "handlers stay registered";
  EXPECT_EQ(rpc->stats().late_replies, 1U);
}

TEST_F(RpcOverTwoConnections, ACallWithoutConnectionWaitsForItWithinItsTimeout) {
  peer.close();
  wait_down();
  auto waiting = call("waiting");
  const auto late =
      value_of(rpc->call("server", "method", {}, QoS::processed, milliseconds(20), asio::use_future));
  ASSERT_FALSE(late);
  EXPECT_EQ(code_of(late), errc::not_sent);
  EXPECT_FALSE(late.error().may_have_been_executed);
  peer.accept_client();
  EXPECT_EQ(next_params(), "waiting");
  reply("done");
  EXPECT_EQ(as_text(value_of(std::move(waiting))->payload), "done");
}

TEST_F(RpcOverTwoConnections, AReplyThatIsNotAcknowledgedIsSentAgain) {
  peer.deliver(FrameKind::message, "caller", "", std::string_view("\x01\x05\0\0\0echo\0x", 11));
  const auto first = peer.next_request();
  peer.close();
  peer.accept_client();
  const auto second = peer.next_request();
  EXPECT_EQ(second.payload, first.payload);
  peer.ack(second.op_id, errc::not_registered);
  peer.deliver(FrameKind::message, "caller", "", std::string_view("\x01\x06\0\0\0echo\0x", 11));
  peer.ack(peer.next_request().op_id);
  // The caller is gone now; whether the first reply had reached it nobody knows.
  EXPECT_TRUE(eventually([&] { return rpc->stats().replies_given_up == 1; }));
  EXPECT_EQ(rpc->stats().replies_caller_gone, 0U);
}

TEST(RpcTimer, AnAnsweredCallLeavesNothingPendingAfterADisconnect) {
  Broker broker;
  boost::asio::io_context io;
  ClientConfig config{.name = "app"};
  config.endpoint = broker.local();
  RpcClient rpc(Client(io.get_executor(), config), RpcConfig{.call_timeout = std::chrono::hours(1)});
  const auto finish = [&io](auto future) {
    while (future.wait_for(milliseconds(0)) != std::future_status::ready) io.run_one_for(milliseconds(10));
    return future.get();
  };
  ASSERT_TRUE(finish(rpc.connect(asio::use_future)));
  ASSERT_TRUE(finish(rpc.call(broker_name, "test", {}, QoS::processed, {}, asio::use_future)));
  ASSERT_TRUE(finish(rpc.client().disconnect(busrt_testing::patience, asio::use_future)));
  io.poll();
  EXPECT_TRUE(io.stopped()) << "the call's deadline would keep the program for an hour";
}

}  // namespace
}  // namespace busrt
