// The client against a scripted peer: what a broker should not do, and when.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <optional>

#include "busrt_testing/scripted_peer.hpp"
#include "client_fixture.hpp"
#include "eventually.hpp"

namespace busrt {
namespace {

using busrt_testing::ScriptedPeer;
using std::chrono::milliseconds;
using std::chrono::seconds;

class ClientAndPeer : public testing::Test {
 protected:
  ClientConfig config() {
    ClientConfig made{.name = "app", .address = peer.address()};
    made.reconnect.enabled = false;
    return made;
  }
  void make(ClientConfig with) { client.emplace(loop.context().get_executor(), std::move(with)); }
  void connect() { connect(config()); }
  void connect(ClientConfig with) {
    make(std::move(with));
    auto connecting = client->connect(asio::use_future);
    EXPECT_EQ(peer.accept_client(), "app");
    ASSERT_TRUE(value_of(std::move(connecting)));
  }
  std::future<Result<Frame>> receive() { return client->receive(asio::use_future); }
  std::future<Result<>> publish(std::string_view payload = "x", QoS qos = QoS::processed) {
    return client->publish("topic", as_bytes(payload), qos, asio::use_future);
  }

  ScriptedPeer peer;
  detail::LoopThread loop{{}};
  std::optional<Client> client;
};

TEST_F(ClientAndPeer, EveryRefusalIsTheResultOfConnect) {
  for (const errc code : {errc::data, errc::busy, errc::access, errc::not_registered, errc::not_supported}) {
    make(config());
    auto connecting = client->connect(asio::use_future);
    peer.accept();
    peer.send(ScriptedPeer::greeting);
    peer.expect(ScriptedPeer::greeting);
    peer.send(ScriptedPeer::ok);
    peer.expect(
        std::string_view("\x03\x00"
                         "app",
                         5));
    peer.send(std::string(1, static_cast<char>(code)));
    const auto result = value_of(std::move(connecting));
    ASSERT_FALSE(result);
    EXPECT_EQ(code_of(result), code);
    EXPECT_FALSE(client->connected());
    EXPECT_TRUE(peer.client_has_closed());
  }
}

TEST_F(ClientAndPeer, AHandshakeCutAtAnyByteFailsConnectWithIo) {
  const std::string stream = std::string(ScriptedPeer::greeting) + "\x01\x01";
  for (std::size_t cut = 0; cut < stream.size(); ++cut) {
    make(config());
    auto connecting = client->connect(asio::use_future);
    peer.accept();
    peer.send(std::string_view(stream).substr(0, cut));
    peer.close();
    const auto result = value_of(std::move(connecting));
    ASSERT_FALSE(result) << cut;
    EXPECT_EQ(code_of(result), errc::io) << cut;
  }
}

TEST_F(ClientAndPeer, ADeliveryCutAtAnyByteEndsReceiveWithIoAfterTheFramesBefore) {
  const std::string delivery = ScriptedPeer::delivery(FrameKind::publish, "s", "t", "payload");
  for (std::size_t cut = 0; cut < delivery.size(); ++cut) {
    connect();
    peer.send(delivery + delivery.substr(0, cut));
    peer.close();
    const auto first = value_of(receive());
    ASSERT_TRUE(first) << cut;
    EXPECT_EQ(first->text(), "payload");
    const auto second = value_of(receive());
    ASSERT_FALSE(second) << cut;
    EXPECT_EQ(code_of(second), errc::io);
  }
}

TEST_F(ClientAndPeer, ASilentPeerFailsConnectWithTimeout) {
  auto short_timeout = config();
  short_timeout.timeout = milliseconds(40);
  make(short_timeout);
  const auto result = value_of(client->connect(asio::use_future));
  ASSERT_FALSE(result);
  EXPECT_EQ(code_of(result), errc::timeout);
}

TEST_F(ClientAndPeer, NobodyListeningIsAnIoErrorThatNamesThePath) {
  make({.name = "app", .address = peer.address() + ".sock"});
  const auto result = value_of(client->connect(asio::use_future));
  ASSERT_FALSE(result);
  EXPECT_EQ(code_of(result), errc::io);
  EXPECT_NE(result.error().message.find(peer.address()), std::string::npos);
}

TEST_F(ClientAndPeer, NamesThatNoBrokerTakesAreRefusedBeforeConnecting) {
  for (const std::string& name : {std::string(), std::string(".app"), std::string("a\0b", 3),
                                  std::string("\xFF"), std::string(limits::max_name_bytes + 1, 'n')}) {
    make({.name = name, .address = peer.address()});
    const auto result = value_of(client->connect(asio::use_future));
    ASSERT_FALSE(result);
    EXPECT_EQ(code_of(result), errc::data);
  }
}

TEST_F(ClientAndPeer, GarbageEndsTheConnectionAndEveryOperationWithIo) {
  connect();
  auto first = publish();
  auto second = publish();
  auto received = receive();
  peer.send("garbage of no kind at all");
  for (auto* operation : {&first, &second}) {
    const auto result = value_of(std::move(*operation));
    ASSERT_FALSE(result);
    EXPECT_EQ(code_of(result), errc::io);
  }
  EXPECT_EQ(code_of(value_of(std::move(received))), errc::io);
  EXPECT_FALSE(client->connected());
  EXPECT_EQ(code_of(value_of(publish())), errc::not_connected);
}

TEST_F(ClientAndPeer, AFrameOverTheLimitIsPassedOverAndCountedAndTheConnectionGoesOn) {
  auto small = config();
  small.max_received_body_bytes = 1000;
  connect(small);
  const std::string most(1000 + limits::max_name_bytes + 1 - 2, 'm');  // behind the sender's name
  peer.deliver(FrameKind::message, "s", "", most);
  peer.deliver(FrameKind::message, "s", "", most + 'x');
  peer.deliver(FrameKind::message, "s", "", std::string(3'000'000, 'x'));
  peer.deliver(FrameKind::message, "s", "", "after");
  EXPECT_EQ(value_of(receive())->text(), most);
  EXPECT_EQ(value_of(receive())->text(), "after");
  EXPECT_TRUE(client->connected());
  EXPECT_EQ(client->stats().lost_by(ClientLoss::oversized), 2U);
  EXPECT_EQ(client->stats().frames_in, 2U);
}

TEST_F(ClientAndPeer, ATopicThatABrokerEndsConnectionsForIsRefusedBeforeItIsSent) {
  connect();
  std::string deepest = "a";
  for (std::size_t i = 1; i < limits::max_topic_segments; ++i) deepest += "/a";
  for (const std::string& deep : {deepest + "/a", std::string(limits::max_topic_segments, '.')}) {
    EXPECT_EQ(code_of(value_of(client->publish(deep, {}, {}, asio::use_future))), errc::too_large);
    EXPECT_EQ(code_of(value_of(client->publish_for(deep, "r", {}, {}, asio::use_future))), errc::too_large);
    EXPECT_EQ(code_of(value_of(client->subscribe({"good", deep}, asio::use_future))), errc::too_large);
    EXPECT_EQ(code_of(value_of(client->exclude({deep}, asio::use_future))), errc::too_large);
    EXPECT_EQ(code_of(client->try_send(Op::publish, deep, {})), errc::too_large);
  }
  const std::string name(limits::max_topic_segments, '.');
  EXPECT_EQ(code_of(value_of(client->send(name, {}, {}, asio::use_future))), errc::too_large);
  EXPECT_EQ(code_of(value_of(client->broadcast(name, {}, {}, asio::use_future))), errc::too_large);
  // The first that is sent is the deepest that may be.
  auto published = client->publish(deepest, {}, {}, asio::use_future);
  const auto request = peer.next_request();
  EXPECT_EQ(request.target, deepest);
  peer.ack(request.op_id);
  EXPECT_TRUE(value_of(std::move(published)));
}

TEST_F(ClientAndPeer, AClientConnectsAgainAfterItsConnectionWasLost) {
  connect();
  auto received = receive();
  peer.close();
  EXPECT_EQ(code_of(value_of(std::move(received))), errc::io);
  auto connecting = client->connect(asio::use_future);
  peer.accept_client();
  ASSERT_TRUE(value_of(std::move(connecting)));
  auto published = publish("again");
  const auto request = peer.next_request();
  EXPECT_EQ(request.payload, "again");
  peer.ack(request.op_id);
  EXPECT_TRUE(value_of(std::move(published)));
}

TEST_F(ClientAndPeer, AcksResolveTheirOperationsWithTheirCodes) {
  connect();
  std::vector<std::future<Result<>>> operations;
  const std::vector<errc> codes{errc::ok, errc::not_registered, errc::not_delivered, errc::access,
                                errc::busy};
  for (std::size_t i = 0; i < codes.size(); ++i) operations.push_back(publish());
  std::vector<std::uint32_t> ids;
  for (std::size_t i = 0; i < codes.size(); ++i) ids.push_back(peer.next_request().op_id);
  for (std::size_t i = codes.size(); i-- > 0;) peer.ack(ids[i], codes[i]);  // in reverse order
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto result = value_of(std::move(operations[i]));
    if (codes[i] == errc::ok) {
      EXPECT_TRUE(result);
    } else {
      ASSERT_FALSE(result);
      EXPECT_EQ(code_of(result), codes[i]);
    }
  }
  EXPECT_EQ(client->stats().unconfirmed, 0U);
}

TEST_F(ClientAndPeer, TheFirstAckOfABulkSubscribeDecidesAndLaterOnesAreIgnored) {
  connect();
  auto subscribed = client->subscribe({"a", "b", "c"}, asio::use_future);
  const auto request = peer.next_request();
  EXPECT_EQ(request.op, Op::subscribe);
  EXPECT_EQ(request.payload, std::string_view("a\0b\0c", 5));
  peer.ack(request.op_id, errc::access);
  peer.ack(request.op_id, errc::access);
  peer.ack(request.op_id, errc::ok);
  EXPECT_EQ(code_of(value_of(std::move(subscribed))), errc::access);
  auto published = publish();
  peer.ack(peer.next_request().op_id);
  EXPECT_TRUE(value_of(std::move(published)));
}

TEST_F(ClientAndPeer, AnAckThatNeverComesIsATimeoutAndALateOneIsIgnored) {
  auto short_timeout = config();
  short_timeout.delivery_timeout = milliseconds(200);
  connect(short_timeout);
  auto published = publish();
  const auto request = peer.next_request();
  EXPECT_EQ(code_of(value_of(std::move(published))), errc::timeout);
  peer.ack(request.op_id);
  auto next = publish();
  peer.ack(peer.next_request().op_id);
  EXPECT_TRUE(value_of(std::move(next)));
}

TEST_F(ClientAndPeer, ABrokerThatHoldsAPublisherForLongerThanTheTimeoutIsWaitedFor) {
  auto short_timeout = config();
  short_timeout.timeout = milliseconds(100);
  connect(short_timeout);
  auto published = publish();
  const auto request = peer.next_request();
  // Well over twice the timeout, in which the broker lives and does not confirm.
  for (int i = 0; i < 16; ++i) {
    peer.expect(ScriptedPeer::ping);
    peer.send(ScriptedPeer::nop);
  }
  EXPECT_TRUE(is_pending(published));
  peer.ack(request.op_id);
  EXPECT_TRUE(value_of(std::move(published)));
}

TEST_F(ClientAndPeer, AnIdleClientPingsAsksAndEndsTheConnectionToASilentBroker) {
  auto short_timeout = config();
  short_timeout.timeout = milliseconds(100);
  connect(short_timeout);
  auto received = receive();
  peer.expect(ScriptedPeer::ping);
  const auto result = value_of(std::move(received));
  ASSERT_FALSE(result);
  // A timeout would say that no frame has come yet, and be waited out for ever.
  EXPECT_EQ(code_of(result), errc::io);
  EXPECT_EQ(client->status().reason, DisconnectReason::silent);
}

TEST_F(ClientAndPeer, NopsKeepAConnectionAlive) {
  auto short_timeout = config();
  short_timeout.timeout = milliseconds(100);
  connect(short_timeout);
  auto received = receive();
  // Each ping comes a quarter of the timeout after the last at the earliest: this is well over twice the
  // timeout.
  for (int i = 0; i < 16; ++i) {
    peer.expect(ScriptedPeer::ping);
    peer.send(ScriptedPeer::nop);
  }
  EXPECT_TRUE(is_pending(received));
  peer.deliver(FrameKind::message, "s", "", "still here");
  EXPECT_EQ(value_of(std::move(received))->text(), "still here");
}

TEST_F(ClientAndPeer, AFullFrameQueueStopsReadingAndLosesNothing) {
  auto small_queue = config();
  small_queue.queue_frames = 8;
  connect(small_queue);
  std::size_t sent = 0;
  // Until the connection takes no more: the client has stopped reading.
  std::string frame;
  for (bool full = false; !full;) {
    frame =
        ScriptedPeer::delivery(FrameKind::message, "s", "", std::to_string(sent) + std::string(2000, '.'));
    std::size_t written = peer.send_some(frame);
    if (written == 0) {
      // The socket is full for now; it stays so once the client has filled its queue.
      full = client->stats().queued_frames >= 8;
      std::this_thread::yield();
      continue;
    }
    peer.send(std::string_view(frame).substr(written));
    ++sent;
    ASSERT_LT(sent, 100'000U) << "the client never stopped reading";
  }
  EXPECT_GE(client->stats().queued_frames, 8U);
  EXPECT_LT(client->stats().queued_frames, sent);
  for (std::size_t i = 0; i < sent; ++i) {
    const auto got = value_of(receive());
    ASSERT_TRUE(got);
    ASSERT_EQ(got->text().substr(0, got->text().find('.')), std::to_string(i));
  }
}

#ifndef _WIN32  // a pipe that its server has closed has nothing left to read
TEST_F(ClientAndPeer, WhatHadArrivedIsReadThoughTheConnectionTakesNothingMore) {
  auto small_queue = config();
  small_queue.queue_frames = 8;
  connect(small_queue);
  constexpr int count = 500;
  std::string frames;  // at once: small writes fill a socket's buffer sooner
  for (int i = 0; i < count; ++i)
    frames += ScriptedPeer::delivery(FrameKind::message, "s", "", std::string(100, 'x') + std::to_string(i));
  peer.send(frames);
  peer.close();
  // Most of it is still with the system when the client finds that nobody reads what it writes.
  ASSERT_TRUE(client->try_send(Op::publish, "topic", as_bytes("p"), QoS::realtime));
  for (int i = 0; i < count; ++i) {
    const auto frame = value_of(receive());
    ASSERT_TRUE(frame) << frame.error().describe() << " at " << i;
    ASSERT_EQ(frame->text(), std::string(100, 'x') + std::to_string(i));
  }
  EXPECT_EQ(code_of(value_of(receive())), errc::io);
  EXPECT_EQ(client->stats().lost[static_cast<std::size_t>(ClientLoss::unacked_cut)], 1U);
}

TEST_F(ClientAndPeer, AnApplicationThatTakesNothingDoesNotKeepADeadConnection) {
  auto small_queue = config();
  small_queue.queue_frames = 8;
  small_queue.timeout = milliseconds(300);
  connect(small_queue);
  std::string frames;
  for (int i = 0; i < 500; ++i)
    frames += ScriptedPeer::delivery(FrameKind::message, "s", "", std::string(100, 'x'));
  peer.send(frames);
  peer.close();
  ASSERT_TRUE(client->try_send(Op::publish, "topic", as_bytes("p"), QoS::realtime));
  // Meanwhile nothing is accepted that could only be lost.
  EXPECT_EQ(code_of(client->try_send(Op::publish, "topic", as_bytes("p"))), errc::not_connected);
  EXPECT_TRUE(eventually([this] { return !client->connected(); }));
}
#endif

TEST_F(ClientAndPeer, OutgoingBytesAreBoundedAndWaitWritableTellsWhenThereIsRoom) {
  auto small_buffer = config();
  small_buffer.outgoing_bytes = 100'000;
  connect(small_buffer);
  const std::string payload(10'000, 'p');
  std::size_t accepted = 0;
  // The peer reads nothing: what is accepted is bounded by the buffer and the socket.
  for (int refused = 0; refused < 100;) {
    const auto sent = client->try_send(Op::publish, "topic", as_bytes(payload));
    if (sent) {
      ++accepted;
      ASSERT_LT(accepted, 1000U);
      continue;
    }
    ASSERT_EQ(sent.error().code, errc::would_block);
    ++refused;
    std::this_thread::yield();
  }
  EXPECT_LE(client->stats().outgoing_bytes, 100'000U);
  auto writable = client->wait_writable(asio::use_future);
  // As large as those that were refused: it has to wait, and what comes after it must not overtake it.
  auto waiting = publish(payload, QoS::processed);
  const auto behind = client->try_send(Op::publish, "topic", {});
  ASSERT_FALSE(behind) << "overtakes an operation";
  EXPECT_EQ(code_of(behind), errc::would_block);
  for (std::size_t i = 0; i < accepted; ++i) ASSERT_EQ(peer.next_request().payload, payload);
  EXPECT_TRUE(value_of(std::move(writable)));
  const auto last = peer.next_request();
  EXPECT_EQ(last.payload, payload);
  peer.ack(last.op_id);
  EXPECT_TRUE(value_of(std::move(waiting)));
}

TEST_F(ClientAndPeer, DestructionCompletesEverythingPendingWithClosed) {
  connect();
  auto published = publish();
  auto received = receive();
  client.reset();
  EXPECT_EQ(code_of(value_of(std::move(published))), errc::closed);
  EXPECT_EQ(code_of(value_of(std::move(received))), errc::closed);
}

TEST_F(ClientAndPeer, DestructionWhileConnectingCompletesConnectWithClosed) {
  make(config());
  auto connecting = client->connect(asio::use_future);
  peer.accept();
  client.reset();
  EXPECT_EQ(code_of(value_of(std::move(connecting))), errc::closed);
}

TEST_F(ClientAndPeer, AMovedClientKeepsItsOperations) {
  connect();
  auto received = receive();
  Client moved = std::move(*client);
  client.reset();
  peer.deliver(FrameKind::message, "s", "", "hello");
  EXPECT_EQ(value_of(std::move(received))->text(), "hello");
  auto again = moved.receive(asio::use_future);
  moved = Client(loop.context().get_executor(), config());
  EXPECT_EQ(code_of(value_of(std::move(again))), errc::closed);
}

TEST_F(ClientAndPeer, ReceiveCanBeCancelledWithoutLosingAFrame) {
  connect();
  asio::cancellation_signal cancel;
  auto received = client->receive(asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
  asio::post(loop.context(), [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
  const auto result = value_of(std::move(received));
  ASSERT_FALSE(result);
  EXPECT_EQ(code_of(result), std::errc::operation_canceled);
  peer.deliver(FrameKind::message, "s", "", "kept");
  EXPECT_EQ(value_of(receive())->text(), "kept");
}

TEST_F(ClientAndPeer, AnOperationCanBeCancelledWhileItsAckIsAwaited) {
  connect();
  asio::cancellation_signal cancel;
  auto published =
      client->publish("t", {}, QoS::processed, asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
  const auto request = peer.next_request();
  asio::post(loop.context(), [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
  EXPECT_EQ(code_of(value_of(std::move(published))), std::errc::operation_canceled);
  peer.ack(request.op_id);
  auto next = publish();
  peer.ack(peer.next_request().op_id);
  EXPECT_TRUE(value_of(std::move(next)));
}

TEST_F(ClientAndPeer, OneReceiveAtATime) {
  connect();
  auto first = receive();
  EXPECT_EQ(code_of(value_of(receive())), errc::busy);
  peer.deliver(FrameKind::message, "s", "", "for the first");
  EXPECT_EQ(value_of(std::move(first))->text(), "for the first");
}

TEST_F(ClientAndPeer, DisconnectWritesOutWhatIsAccepted) {
  connect();
  const std::string payload(100'000, 'p');
  int accepted = 0;
  while (client->try_send(Op::publish, "topic", as_bytes(payload))) ++accepted;
  auto disconnected = client->disconnect(seconds(20), asio::use_future);
  EXPECT_EQ(code_of(client->try_send(Op::publish, "topic", {})), errc::closed);
  for (int i = 0; i < accepted; ++i) ASSERT_EQ(peer.next_request().payload.size(), payload.size());
  // That they were written is not enough: the client asks whether they have arrived.
  const auto question = peer.next_request();
  EXPECT_EQ(question.op, Op::unsubscribe);
  EXPECT_EQ(disconnected.wait_for(milliseconds(1)), std::future_status::timeout);
  peer.ack(question.op_id);
  EXPECT_TRUE(value_of(std::move(disconnected)));
  EXPECT_TRUE(peer.client_has_closed());
  for (const std::uint64_t lost : client->stats().lost) EXPECT_EQ(lost, 0U);
}

TEST_F(ClientAndPeer, FramesWithoutAckThatMayNotHaveArrivedAreCountedWhenItDisconnects) {
  connect();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->try_send(Op::publish, "topic", as_bytes("p")));
  auto disconnected = client->disconnect(milliseconds(50), asio::use_future);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(peer.next_request().op, Op::publish);
  const auto result = value_of(std::move(disconnected));
  ASSERT_FALSE(result);
  EXPECT_EQ(code_of(result), errc::timeout);
  EXPECT_NE(result.error().message.find("3 frames without ack not confirmed"), std::string::npos)
      << result.error().message;
  EXPECT_EQ(client->stats().unknown_frames, 3U);
}

TEST_F(ClientAndPeer, AnAckThatNeverCameConfirmsNothingWhenItDisconnects) {
  connect();
  ASSERT_TRUE(client->try_send(Op::publish, "topic", as_bytes("p")));
  asio::cancellation_signal cancel;
  auto published =
      client->publish("t", {}, QoS::processed, asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
  EXPECT_EQ(peer.next_request().op, Op::publish);
  EXPECT_EQ(peer.next_request().op, Op::publish);
  asio::post(loop.context(), [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
  EXPECT_EQ(code_of(value_of(std::move(published))), std::errc::operation_canceled);
  auto disconnected = client->disconnect(seconds(20), asio::use_future);
  const auto question = peer.next_request();
  EXPECT_EQ(question.op, Op::unsubscribe);
  peer.ack(question.op_id);
  EXPECT_TRUE(value_of(std::move(disconnected)));
}

TEST_F(ClientAndPeer, AfterAnAckNothingNeedsToBeAskedWhenItDisconnects) {
  connect();
  ASSERT_TRUE(client->try_send(Op::publish, "topic", as_bytes("p")));
  auto published = publish();
  EXPECT_EQ(peer.next_request().op, Op::publish);
  peer.ack(peer.next_request().op_id);
  EXPECT_TRUE(value_of(std::move(published)));
  EXPECT_TRUE(value_of(client->disconnect(seconds(20), asio::use_future)));
  EXPECT_TRUE(peer.client_has_closed());
}

TEST_F(ClientAndPeer, DisconnectSaysWhatItCouldNotWrite) {
  connect();
  const std::string payload(100'000, 'p');
  std::uint64_t accepted = 0;
  while (client->try_send(Op::publish, "topic", as_bytes(payload))) ++accepted;
  const auto result = value_of(client->disconnect(milliseconds(20), asio::use_future));
  ASSERT_FALSE(result);
  EXPECT_EQ(code_of(result), errc::timeout);
  const auto stats = client->stats();
  EXPECT_GT(stats.unsent_bytes, 0U);
  EXPECT_EQ(stats.lost[static_cast<std::size_t>(ClientLoss::unacked_closed)] + stats.unknown_frames, accepted)
      << "each is counted once";
}

TEST_F(ClientAndPeer, BadArgumentsAreRefusedWithoutReachingTheBroker) {
  connect();
  const auto code = [](const Result<>& result) { return result ? std::error_code() : result.error().code; };
  EXPECT_EQ(code(client->try_send(Op::publish, std::string_view("a\0b", 3), {})), errc::data);
  EXPECT_EQ(code(client->try_send(Op::publish, "\xFF", {})), errc::data);
  EXPECT_EQ(code(client->try_send(Op::publish, "t", {}, QoS::processed)), errc::not_supported);
  EXPECT_EQ(code(client->try_send(Op::subscribe, "t", {})), errc::not_supported);
  EXPECT_EQ(code(value_of(client->subscribe({}, asio::use_future))), errc::data);
  EXPECT_EQ(code(value_of(client->subscribe({""}, asio::use_future))), errc::data);
  EXPECT_EQ(code(value_of(client->publish(std::string(limits::max_topic_bytes + 1, 't'), {}, QoS::no,
                                          asio::use_future))),
            errc::too_large);
  auto published = publish("good");
  const auto request = peer.next_request();
  EXPECT_EQ(request.payload, "good");
  peer.ack(request.op_id);
  EXPECT_TRUE(value_of(std::move(published)));
}

}  // namespace
}  // namespace busrt
