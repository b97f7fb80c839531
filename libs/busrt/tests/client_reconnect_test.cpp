// A client over several connections, against a scripted peer: what is sent again, what is restored, what is
// told.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <optional>
#include <vector>

#include "busrt_testing/scripted_peer.hpp"
#include "client_fixture.hpp"
#include "wire/codec.hpp"

namespace busrt {
namespace {

using busrt_testing::ReceivedRequest;
using busrt_testing::ScriptedPeer;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Pending = std::future<Result<>>;
constexpr std::size_t wire_request_bytes = wire::request_header_bytes;

class Reconnecting : public testing::Test {
 protected:
  ClientConfig config() {
    ClientConfig made{.name = "app", .address = peer.address()};
    made.reconnect.first_delay = milliseconds(1);
    made.reconnect.most_delay = milliseconds(4);
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
  Pending publish(std::string_view payload, const SendOptions& options = {}) {
    return client->publish("topic", as_bytes(payload), options, asio::use_future);
  }
  std::vector<Pending> publish_numbers(int count) {
    std::vector<Pending> all;
    for (int i = 0; i < count; ++i) all.push_back(publish(std::to_string(i)));
    return all;
  }
  /// The status once it satisfies the condition.
  template <class Condition>
  ConnectionStatus status_when(Condition condition) {
    auto status = client->status();
    while (!condition(status)) {
      status = value_of(client->wait_state_change(status.version, asio::use_future)).value();
    }
    return status;
  }
  ConnectionStatus status_when(ConnectionState state) {
    return status_when([state](const ConnectionStatus& status) { return status.state == state; });
  }
  void expect_payload(std::string_view payload, bool acked = true) {
    const auto request = peer.next_request();
    EXPECT_EQ(request.payload, payload);
    if (acked) peer.ack(request.op_id);
  }
  /// As far as registering, answered with `code`.
  void refuse(errc code) {
    peer.accept();
    peer.send(ScriptedPeer::greeting);
    peer.expect(ScriptedPeer::greeting);
    peer.send(ScriptedPeer::ok);
    (void)peer.read(2 + std::string_view("app").size());
    peer.send(std::string(1, static_cast<char>(code)));
  }

  ScriptedPeer peer;
  detail::LoopThread loop{{}};
  std::optional<Client> client;
};

TEST_F(Reconnecting, WhatIsNotAcknowledgedAtACutArrivesAgainInOrder) {
  connect();
  auto published = publish_numbers(6);
  std::vector<ReceivedRequest> first;
  for (int i = 0; i < 6; ++i) first.push_back(peer.next_request());
  peer.ack(first[0].op_id);
  peer.ack(first[3].op_id);
  ASSERT_TRUE(value_of(std::move(published[0])));
  ASSERT_TRUE(value_of(std::move(published[3])));
  peer.close();
  EXPECT_EQ(peer.accept_client(), "app");
  for (const int i : {1, 2, 4, 5}) {
    EXPECT_TRUE(is_pending(published[static_cast<std::size_t>(i)]));
    expect_payload(std::to_string(i));
    EXPECT_TRUE(value_of(std::move(published[static_cast<std::size_t>(i)])));
  }
  EXPECT_EQ(client->stats().resent, 4U);
  EXPECT_EQ(client->stats().connections, 2U);
  EXPECT_EQ(client->stats().unconfirmed, 0U);
}

TEST_F(Reconnecting, ExclusionsAndSubscriptionsAreConfirmedBeforeTheOutboxGoesOut) {
  connect();
  const auto confirmed = [&](Pending operation) {
    peer.ack(peer.next_request().op_id);
    ASSERT_TRUE(value_of(std::move(operation)));
  };
  confirmed(client->subscribe({"a/#", "b"}, asio::use_future));
  confirmed(client->exclude({"a/noise"}, asio::use_future));
  confirmed(client->unsubscribe({"b"}, asio::use_future));
  auto published = publish("unconfirmed");
  auto subscribed = client->subscribe({"late"}, asio::use_future);
  (void)peer.next_request();
  (void)peer.next_request();
  peer.close();

  peer.accept_client();
  const auto exclude = peer.next_request();
  EXPECT_EQ(exclude.op, Op::exclude);
  EXPECT_EQ(exclude.payload, "a/noise");
  const auto subscribe = peer.next_request();
  EXPECT_EQ(subscribe.op, Op::subscribe);
  EXPECT_EQ(subscribe.payload, "a/#");
  peer.ack(exclude.op_id);
  // Anything that the client had sent by now would come before its answer to this.
  peer.deliver(FrameKind::publish, "s", "a/x", "while restoring");
  EXPECT_EQ(value_of(client->receive(asio::use_future))->text(), "while restoring");
  EXPECT_EQ(client->status().state, ConnectionState::reconnecting);
  EXPECT_FALSE(client->connected());
  EXPECT_EQ(client->stats().resent, 0U);
  peer.ack(subscribe.op_id);
  expect_payload("unconfirmed");
  expect_payload("late");
  EXPECT_TRUE(value_of(std::move(published)));
  EXPECT_TRUE(value_of(std::move(subscribed)));

  // And the one that was confirmed over the second connection is restored on the third.
  peer.close();
  peer.accept_client();
  (void)peer.next_request();
  EXPECT_EQ(peer.next_request().payload, std::string_view("a/#\0late", 8));
}

/// Reads requests and acknowledges them until one has this payload; closes the connection for it. Returns the
/// payloads before it.
std::vector<std::string> until_poison(ScriptedPeer& peer, std::string_view poison) {
  std::vector<std::string> before;
  for (;;) {
    const auto request = peer.next_request();
    if (request.payload == poison) break;
    peer.ack(request.op_id);
    before.push_back(request.payload);
  }
  peer.close();
  return before;
}

TEST_F(Reconnecting, AFrameForWhichTheBrokerEndsTheConnectionFailsAloneAndTheOthersArriveInOrder) {
  connect();
  auto first = publish("first");
  auto poison = publish("poison");
  std::vector<Pending> good;
  for (int i = 0; i < 3; ++i) good.push_back(publish(std::to_string(i)));
  EXPECT_EQ(until_poison(peer, "poison"), std::vector<std::string>{"first"});
  EXPECT_TRUE(value_of(std::move(first)));
  for (int connection = 2; connection <= 3; ++connection) {
    EXPECT_EQ(peer.accept_client(), "app");
    EXPECT_TRUE(until_poison(peer, "poison").empty());
  }
  const auto failed = value_of(std::move(poison));
  EXPECT_EQ(code_of(failed), errc::io);
  EXPECT_TRUE(failed.error().message.starts_with("three connections ended")) << failed.error().message;
  EXPECT_EQ(client->stats().lost_by(ClientLoss::cut_alone), 1U);
  for (const auto& one : good) EXPECT_TRUE(is_pending(one));
  peer.accept_client();
  for (int i = 0; i < 3; ++i) {
    expect_payload(std::to_string(i));
    EXPECT_TRUE(value_of(std::move(good[static_cast<std::size_t>(i)])));
  }
  EXPECT_EQ(client->stats().unconfirmed, 0U);
}

TEST_F(Reconnecting, BesideAFrameThatGoesAloneNothingIsSent) {
  connect();
  auto poison = publish("poison");
  for (int connection = 1; connection <= 2; ++connection) {
    EXPECT_TRUE(until_poison(peer, "poison").empty());
    peer.accept_client();
  }
  const auto alone = peer.next_request();
  EXPECT_EQ(alone.payload, "poison");
  auto behind = publish("behind");
  EXPECT_EQ(code_of(client->try_send(Op::publish, "topic", {})), errc::would_block);
  EXPECT_EQ(client->stats().waiting, 1U);
  // It is no poison after all.
  peer.ack(alone.op_id);
  EXPECT_TRUE(value_of(std::move(poison)));
  expect_payload("behind");
  EXPECT_TRUE(value_of(std::move(behind)));
  EXPECT_EQ(client->stats().lost_by(ClientLoss::cut_alone), 0U);
}

TEST_F(Reconnecting, AConnectionOnWhichNothingIsHeardIsNoFramesFault) {
  auto impatient = config();
  impatient.timeout = milliseconds(40);
  impatient.delivery_timeout = busrt_testing::patience;
  connect(impatient);
  auto published = publish("unanswered");
  for (int connection = 1; connection <= 4; ++connection) {
    EXPECT_EQ(peer.next_request().payload, "unanswered");
    // The client ends each connection by itself.
    EXPECT_EQ(status_when(ConnectionState::reconnecting).reason, DisconnectReason::silent);
    ASSERT_NO_FATAL_FAILURE(peer.accept_client());
    status_when(ConnectionState::connected);
  }
  expect_payload("unanswered");
  EXPECT_TRUE(value_of(std::move(published)));
}

TEST_F(Reconnecting, ASubscriptionForWhichTheBrokerEndsTheConnectionDoesNotKeepTheClientFromIt) {
  connect();
  for (const char* pattern : {"a", "poison", "z"}) {
    auto subscribed = client->subscribe({pattern}, asio::use_future);
    peer.ack(peer.next_request().op_id);
    ASSERT_TRUE(value_of(std::move(subscribed)));
  }
  peer.close();
  // Another broker at the same address, with other limits.
  for (int connection = 1; connection <= 2; ++connection) {
    peer.accept_client();
    EXPECT_TRUE(until_poison(peer, std::string_view("a\0poison\0z", 10)).empty());
  }
  for (int connection = 3; connection <= 5; ++connection) {
    peer.accept_client();
    EXPECT_EQ(until_poison(peer, "poison"), std::vector<std::string>{"a"});
  }
  peer.accept_client();
  expect_payload("a");
  expect_payload("z");
  status_when(ConnectionState::connected);
  EXPECT_EQ(client->stats().patterns_refused, 1U);
}

TEST_F(Reconnecting, ARefusedSubscriptionIsCountedAndTheRestLivesOn) {
  connect();
  auto subscribed = client->subscribe({"a"}, asio::use_future);
  peer.ack(peer.next_request().op_id);
  ASSERT_TRUE(value_of(std::move(subscribed)));
  peer.close();
  peer.accept_client();
  peer.ack(peer.next_request().op_id, errc::access);
  status_when(ConnectionState::connected);
  EXPECT_EQ(client->stats().patterns_refused, 1U);
}

/// Speaks the broker's part of a handshake and of three acknowledged requests, up to `budget` bytes, and
/// reports what it had acknowledged.
struct BrokerSpeech {
  ScriptedPeer& peer;
  std::size_t budget;

  bool say(std::string_view bytes) {
    const auto part = bytes.substr(0, budget);
    peer.send(part);
    budget -= part.size();
    return part.size() == bytes.size();
  }
  int speak() {
    peer.accept();
    if (!say(ScriptedPeer::greeting)) return 0;
    peer.expect(ScriptedPeer::greeting);
    if (!say(ScriptedPeer::ok)) return 0;
    (void)peer.read(2 + std::string_view("app").size());
    if (!say(ScriptedPeer::ok)) return 0;
    std::vector<std::uint32_t> ids;
    for (int i = 0; i < 3; ++i) ids.push_back(peer.next_request().op_id);
    for (int acked = 0; acked < 3; ++acked) {
      const std::uint32_t id = ids[static_cast<std::size_t>(acked)];
      std::string ack("\xFE");
      for (unsigned shift = 0; shift < 32; shift += 8) ack += static_cast<char>(id >> shift);
      if (!say(ack + '\x01')) return acked;
    }
    return 3;
  }
};

TEST_F(Reconnecting, ACutAtAnyByteOfTheBrokersAnswersLosesNothing) {
  for (std::size_t budget = 0;; ++budget) {
    connect();
    auto published = publish_numbers(3);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(peer.next_request().payload, std::to_string(i));
    peer.close();
    const int acked = BrokerSpeech{peer, budget}.speak();
    if (acked < 3) {
      peer.close();
      peer.accept_client();
      for (int i = acked; i < 3; ++i) expect_payload(std::to_string(i));
    }
    for (auto& one : published) ASSERT_TRUE(value_of(std::move(one))) << budget;
    if (acked == 3) return;
    ASSERT_LT(budget, 100U) << "never succeeds";
  }
}

TEST_F(Reconnecting, ACutAtAnyByteOfTheClientsRequestsLosesNothing) {
  const std::size_t request_bytes = 3 * (wire_request_bytes + std::string_view("topic\0"
                                                                               "0",
                                                                               7)
                                                                  .size());
  for (std::size_t cut = 0; cut <= request_bytes; ++cut) {
    connect();
    auto published = publish_numbers(3);
    (void)peer.read(cut);
    peer.close();
    peer.accept_client();
    for (int i = 0; i < 3; ++i) expect_payload(std::to_string(i));
    for (auto& one : published) ASSERT_TRUE(value_of(std::move(one))) << cut;
  }
}

TEST_F(Reconnecting, TheWindowHoldsOperationsBackAndAnAckLetsTheNextGo) {
  auto narrow = config();
  narrow.window_frames = 2;
  connect(narrow);
  auto published = publish_numbers(3);
  EXPECT_EQ(code_of(value_of(publish("refused", {QoS::processed, {}, WhenFull::refuse}))), errc::would_block);
  EXPECT_EQ(code_of(client->try_send(Op::publish, "topic", {})), errc::would_block)
      << "overtakes an operation";
  EXPECT_EQ(client->stats().unconfirmed, 2U);
  EXPECT_EQ(client->stats().waiting, 1U);
  auto credit = client->wait_credit(asio::use_future);
  auto writable = client->wait_writable(asio::use_future);
  EXPECT_TRUE(is_pending(credit));
  EXPECT_TRUE(is_pending(writable));
  expect_payload("0");
  EXPECT_TRUE(value_of(std::move(published[0])));
  EXPECT_TRUE(value_of(std::move(writable)));
  expect_payload("1");
  expect_payload("2");
  EXPECT_TRUE(value_of(std::move(credit)));
  EXPECT_TRUE(value_of(std::move(published[1])));
  EXPECT_TRUE(value_of(std::move(published[2])));
  EXPECT_EQ(client->stats().unconfirmed_bytes, 0U);
}

TEST_F(Reconnecting, TheWindowIsBoundedInBytesAndALargerFrameGoesAlone) {
  auto narrow = config();
  narrow.window_bytes = 100;
  connect(narrow);
  auto large = publish(std::string(500, 'x'));
  auto small = publish("small");
  EXPECT_EQ(client->stats().waiting, 1U);
  expect_payload(std::string(500, 'x'));
  expect_payload("small");
  EXPECT_TRUE(value_of(std::move(large)));
  EXPECT_TRUE(value_of(std::move(small)));
}

TEST_F(Reconnecting, AWindowFilledWithoutConnectionGoesOutInOrderWithWhatWaitedBehind) {
  auto narrow = config();
  narrow.window_frames = 3;
  narrow.outgoing_bytes = 64;
  connect(narrow);
  peer.close();
  status_when(ConnectionState::reconnecting);
  auto published = publish_numbers(10);
  EXPECT_EQ(client->stats().unconfirmed, 3U);
  EXPECT_EQ(client->stats().waiting, 7U);
  EXPECT_EQ(code_of(value_of(publish("x", QoS::no))), errc::not_connected);
  EXPECT_EQ(code_of(client->try_send(Op::publish, "topic", {})), errc::not_connected);
  peer.accept_client();
  for (int i = 0; i < 10; ++i) expect_payload(std::to_string(i));
  for (auto& one : published) EXPECT_TRUE(value_of(std::move(one)));
  EXPECT_EQ(client->stats().resent, 0U) << "none was sent before";
}

TEST_F(Reconnecting, AnExpiredOperationSaysWhetherItsFrameWasSent) {
  connect();
  auto sent = publish("sent", {QoS::processed, milliseconds(30)});
  const auto request = peer.next_request();
  const auto late = value_of(std::move(sent));
  EXPECT_EQ(code_of(late), errc::timeout);
  EXPECT_TRUE(may_have_been_delivered(late.error().code));
  EXPECT_EQ(client->stats().lost_by(ClientLoss::expired), 1U);
  peer.ack(request.op_id);
  peer.close();
  status_when(ConnectionState::reconnecting);
  const auto unsent = value_of(publish("unsent", {QoS::processed, milliseconds(20)}));
  EXPECT_EQ(code_of(unsent), errc::not_sent);
  EXPECT_FALSE(may_have_been_delivered(unsent.error().code));
  EXPECT_EQ(client->stats().lost_by(ClientLoss::expired_unsent), 1U);
  peer.accept_client();
  auto next = publish("next");
  expect_payload("next");
  EXPECT_TRUE(value_of(std::move(next)));
}

TEST_F(Reconnecting, ACancelledOperationIsNotSentAgain) {
  connect();
  asio::cancellation_signal cancel;
  auto cancelled = client->publish("topic", as_bytes("cancelled"), {},
                                   asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
  (void)peer.next_request();
  asio::post(loop.context(), [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
  EXPECT_EQ(code_of(value_of(std::move(cancelled))), std::errc::operation_canceled);
  EXPECT_EQ(client->stats().lost_by(ClientLoss::cancelled), 1U);
  peer.close();
  peer.accept_client();
  auto next = publish("next");
  expect_payload("next");
  EXPECT_TRUE(value_of(std::move(next)));
}

TEST_F(Reconnecting, FramesWithoutAckThatACutTakesAreCounted) {
  connect();
  const std::string payload(10'000, 'p');
  std::uint64_t accepted = 0;
  while (client->try_send(Op::publish, "topic", as_bytes(payload))) ++accepted;
  // Some of them lie in the socket; the peer takes two of those before it goes.
  EXPECT_EQ(peer.next_request().payload, payload);
  EXPECT_EQ(peer.next_request().payload, payload);
  peer.close();
  status_when(ConnectionState::reconnecting);
  const auto stats = client->stats();
  EXPECT_GT(stats.lost_by(ClientLoss::unacked_cut), 0U);
  EXPECT_LE(stats.lost_by(ClientLoss::unacked_cut), accepted - 2);
  EXPECT_EQ(stats.unsent_bytes,
            stats.lost_by(ClientLoss::unacked_cut) * (wire_request_bytes + 6 + payload.size()));
  peer.accept_client();
  auto next = publish("next");
  expect_payload("next");
  EXPECT_TRUE(value_of(std::move(next)));
}

TEST_F(Reconnecting, TheStateIsToldWithItsReasons) {
  make(config());
  std::mutex mutex;
  std::vector<ConnectionStatus> told;
  client->on_state([&](const ConnectionStatus& status) {
    const std::lock_guard lock(mutex);
    told.push_back(status);
  });
  EXPECT_EQ(client->status().state, ConnectionState::disconnected);
  auto change = client->wait_state_change(client->status().version, asio::use_future);
  EXPECT_TRUE(is_pending(change));
  auto connecting = client->connect(asio::use_future);
  EXPECT_EQ(value_of(std::move(change))->state, ConnectionState::connecting);
  peer.accept_client();
  ASSERT_TRUE(value_of(std::move(connecting)));
  peer.close();
  const auto down = status_when(ConnectionState::reconnecting);
  EXPECT_EQ(down.reason, DisconnectReason::closed_by_broker);
  EXPECT_EQ(down.error, errc::io);
  peer.accept();
  peer.send("this is no broker");
  status_when([](const ConnectionStatus& status) { return status.reason == DisconnectReason::refused; });
  EXPECT_EQ(client->status().state, ConnectionState::disconnected) << "a peer that is no broker is final";
  EXPECT_EQ(client->status().error, errc::not_supported);
  auto again = client->connect(asio::use_future);
  peer.accept_client();
  ASSERT_TRUE(value_of(std::move(again)));
  const auto up = status_when(ConnectionState::connected);
  EXPECT_EQ(up.connections, 2U);
  EXPECT_EQ(up.attempts, 0U);
  ASSERT_TRUE(value_of(client->disconnect(seconds(20), asio::use_future)));
  const auto last = status_when(ConnectionState::disconnected);
  EXPECT_EQ(last.reason, DisconnectReason::owner);

  // The handler has heard all of it, in order.
  std::vector<ConnectionState> states;
  const auto all_told = [&] {
    const std::lock_guard lock(mutex);
    return !told.empty() && told.back().version == last.version;
  };
  while (!all_told()) std::this_thread::yield();
  for (std::size_t i = 0; i < told.size(); ++i) {
    EXPECT_EQ(told[i].version, i + 1);
    if (states.empty() || states.back() != told[i].state) states.push_back(told[i].state);
  }
  EXPECT_EQ(states,
            (std::vector<ConnectionState>{ConnectionState::connecting, ConnectionState::connected,
                                          ConnectionState::reconnecting, ConnectionState::disconnected,
                                          ConnectionState::connecting, ConnectionState::connected,
                                          ConnectionState::disconnected}));
  EXPECT_EQ(client->stats().disconnects[static_cast<std::size_t>(DisconnectReason::closed_by_broker)], 1U);
  EXPECT_EQ(client->stats().disconnects[static_cast<std::size_t>(DisconnectReason::refused)], 1U);
}

TEST_F(Reconnecting, WaitingForAStateEndsWithTheClient) {
  make(config());
  auto change = client->wait_state_change(client->status().version, asio::use_future);
  asio::cancellation_signal cancel;
  auto cancelled = client->wait_state_change(client->status().version,
                                             asio::bind_cancellation_slot(cancel.slot(), asio::use_future));
  asio::post(loop.context(), [&cancel] { cancel.emit(asio::cancellation_type::terminal); });
  EXPECT_EQ(code_of(value_of(std::move(cancelled))), std::errc::operation_canceled);
  client.reset();
  EXPECT_NE(value_of(std::move(change))->state, ConnectionState::connecting);
}

TEST_F(Reconnecting, ANameThatIsStillHeldIsTriedAgain) {
  connect();
  auto published = publish("kept");
  (void)peer.next_request();
  peer.close();
  refuse(errc::busy);
  refuse(errc::not_registered);
  peer.accept_client();
  expect_payload("kept");
  EXPECT_TRUE(value_of(std::move(published)));
}

TEST_F(Reconnecting, AccessDeniedEndsItAndEveryOperationIsTold) {
  connect();
  auto sent = publish("sent");
  auto received = client->receive(asio::use_future);
  (void)peer.next_request();
  peer.close();
  status_when(ConnectionState::reconnecting);
  auto unsent = publish("unsent");
  refuse(errc::access);
  EXPECT_EQ(code_of(value_of(std::move(received))), errc::access);
  EXPECT_EQ(code_of(value_of(std::move(unsent))), errc::not_sent);
  EXPECT_EQ(code_of(value_of(std::move(sent))), errc::io) << "it went out over the first connection";
  EXPECT_EQ(client->status().state, ConnectionState::disconnected);
  EXPECT_EQ(client->status().reason, DisconnectReason::refused);
  EXPECT_EQ(client->stats().lost_by(ClientLoss::given_up), 1U);
  EXPECT_EQ(client->stats().lost_by(ClientLoss::given_up_unsent), 1U);
  EXPECT_EQ(code_of(value_of(publish("after"))), errc::not_connected);
}

TEST_F(Reconnecting, TheFirstConnectionIsTriedOnceUnlessConfigured) {
  make(config());
  auto once = client->connect(asio::use_future);
  refuse(errc::busy);
  EXPECT_EQ(code_of(value_of(std::move(once))), errc::busy);
  auto patient = config();
  patient.reconnect.first_connect = busrt_testing::patience;
  make(patient);
  auto connecting = client->connect(asio::use_future);
  refuse(errc::busy);
  peer.accept();
  peer.close();
  peer.accept_client();
  EXPECT_TRUE(value_of(std::move(connecting)));
}

TEST_F(Reconnecting, ConnectEndsWhenItsTimeHasPassed) {
  auto patient = config();
  patient.address = peer.address() + ".nobody.sock";
  patient.reconnect.first_connect = milliseconds(30);
  make(patient);
  const auto result = value_of(client->connect(asio::use_future));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find(patient.address), std::string::npos) << result.error().describe();
  EXPECT_EQ(client->status().state, ConnectionState::disconnected);
}

TEST_F(Reconnecting, AClientGivesUpAfterTheConfiguredTime) {
  auto impatient = config();
  impatient.reconnect.give_up_after = milliseconds(40);
  impatient.timeout = milliseconds(300);
  connect(impatient);
  auto published = publish("x", {QoS::processed, std::chrono::hours(1)});
  (void)peer.next_request();
  // The peer's backlog takes the client's attempts, and nobody answers.
  peer.close();
  const auto result = value_of(std::move(published));
  ASSERT_FALSE(result);
  EXPECT_TRUE(may_have_been_delivered(result.error().code));
  EXPECT_EQ(client->status().state, ConnectionState::disconnected);
  EXPECT_EQ(client->stats().lost_by(ClientLoss::given_up), 1U);
}

TEST_F(Reconnecting, DisconnectDrainsOverANewConnection) {
  connect();
  auto published = publish("kept");
  (void)peer.next_request();
  peer.close();
  status_when(ConnectionState::reconnecting);
  auto disconnected = client->disconnect(busrt_testing::patience, asio::use_future);
  EXPECT_EQ(code_of(value_of(publish("late"))), errc::closed);
  peer.accept_client();
  EXPECT_TRUE(is_pending(disconnected));
  expect_payload("kept");
  EXPECT_TRUE(value_of(std::move(published)));
  EXPECT_TRUE(value_of(std::move(disconnected)));
  EXPECT_TRUE(peer.client_has_closed());
}

TEST_F(Reconnecting, ADrainOverANewConnectionDoesNotForgetWhatTheOldOneTook) {
  connect();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(client->try_send(Op::publish, "topic", as_bytes("p")));
  auto published = publish("kept");
  auto disconnected = client->disconnect(busrt_testing::patience, asio::use_future);
  for (int i = 0; i < 4; ++i) (void)peer.next_request();
  peer.close();
  peer.accept_client();
  expect_payload("kept");
  EXPECT_TRUE(value_of(std::move(published)));
  const auto result = value_of(std::move(disconnected));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("3 frames without ack not confirmed"), std::string::npos)
      << result.error().message;
}

TEST_F(Reconnecting, DisconnectWithNothingLeftDoesNotWaitForAConnection) {
  connect();
  peer.close();
  status_when(ConnectionState::reconnecting);
  EXPECT_TRUE(value_of(client->disconnect(std::chrono::hours(1), asio::use_future)));
  EXPECT_EQ(client->status().state, ConnectionState::disconnected);
}

TEST_F(Reconnecting, ADrainThatRunsOutSaysWhatIsLeftAndTellsEachOperation) {
  connect();
  auto published = publish("unconfirmed");
  (void)peer.next_request();
  const auto disconnected = value_of(client->disconnect(milliseconds(20), asio::use_future));
  EXPECT_EQ(code_of(disconnected), errc::timeout);
  EXPECT_NE(disconnected.error().message.find("1 operations"), std::string::npos);
  EXPECT_EQ(code_of(value_of(std::move(published))), errc::closed);
  EXPECT_EQ(client->stats().lost_by(ClientLoss::given_up), 1U);
}

TEST_F(Reconnecting, DestructionWithoutConnectionCompletesEverything) {
  connect();
  auto sent = publish("sent");
  (void)peer.next_request();
  peer.close();
  status_when(ConnectionState::reconnecting);
  auto unsent = publish("unsent");
  auto received = client->receive(asio::use_future);
  client.reset();
  EXPECT_EQ(code_of(value_of(std::move(sent))), errc::closed);
  EXPECT_EQ(code_of(value_of(std::move(unsent))), errc::not_sent);
  EXPECT_EQ(code_of(value_of(std::move(received))), errc::closed);
}

TEST_F(Reconnecting, FramesOfEveryConnectionComeThroughOneReceive) {
  connect();
  auto received = client->receive(asio::use_future);
  peer.close();
  peer.accept_client();
  EXPECT_TRUE(is_pending(received));
  peer.deliver(FrameKind::message, "s", "", "over the second");
  EXPECT_EQ(value_of(std::move(received))->text(), "over the second");
}

}  // namespace
}  // namespace busrt
