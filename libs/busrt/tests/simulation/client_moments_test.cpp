// Moments of a client that only a clock in the test's hands brings about.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/client.hpp"
#include "system.hpp"
#include "tap.hpp"
#include "transport/inproc.hpp"
#include "wire/codec.hpp"

namespace busrt::simulation {
namespace {

using namespace std::chrono_literals;

/// A broker of which a test says every byte.
class Peer final : public transport::InprocConnector {
 public:
  Result<std::shared_ptr<transport::InprocConnection>> connect() override {
    connection = std::make_shared<transport::InprocConnection>();
    say("\xEB\x01\x00\x01\x01", 5);
    return connection;
  }
  void say(const char* bytes, std::size_t count) const {
    connection->to_client.write(std::as_bytes(std::span(bytes, count)));
  }
  /// Frames that the client has sent since the last time.
  std::size_t frames() {
    std::vector<std::byte> bytes(1U << 20);
    bytes.resize(connection->to_broker.read(bytes));
    const std::size_t before = tap.frames().size();
    tap.feed(bytes);
    return tap.frames().size() - before;
  }

  std::shared_ptr<transport::InprocConnection> connection;
  Tap tap{Tap::Direction::requests};
};

class ClientMoments : public testing::Test {
 protected:
  void connect(ClientConfig config) {
    config.name = "app";
    config.endpoint = LocalEndpoint(peer);
    client.emplace(context->get_executor(), std::move(config));
    client->connect([](const Result<>& connected) { ASSERT_TRUE(connected); });
    poll();
    ASSERT_TRUE(client->connected());
  }
  void poll() {
    context->restart();
    context->poll();
  }

  VirtualSystem system{1};
  std::shared_ptr<Peer> peer = std::make_shared<Peer>();
  std::optional<boost::asio::io_context> context{std::in_place};
  std::optional<Client> client;
};

TEST_F(ClientMoments, a_tick_does_not_forget_what_was_queued_at_that_moment) {
  ClientConfig config;
  config.timeout = 4000ms;
  config.window_frames = 1;
  connect(std::move(config));
  // Both buffers have grown beyond what an idle client keeps.
  const std::vector<std::byte> large(100U << 10);
  for (int i = 0; i < 2; ++i) {
    client->publish("topic", large, QoS::no, [](const Result<>& sent) { ASSERT_TRUE(sent); });
    poll();
    ASSERT_EQ(peer->frames(), 1U);
  }
  system.advance_to(Clock::now() + 1000ms);
  poll();
  // Nobody confirms the first; the second waits behind it, and its turn comes with a tick before which
  // nothing was sent for a while.
  client->publish("topic", as_bytes("first"), SendOptions(QoS::processed, 2000ms),
                  [](const Result<>& sent) { EXPECT_EQ(sent.error().code, errc::timeout); });
  poll();
  ASSERT_EQ(peer->frames(), 1U);
  system.advance_to(Clock::now() + 1000ms);
  poll();
  system.advance_to(Clock::now() + 1000ms);
  client->publish("topic", as_bytes("second"), QoS::processed, [](const Result<>&) {});
  poll();
  EXPECT_EQ(peer->frames(), 1U) << "it was taken, and never written";
}

TEST_F(ClientMoments,
       a_connection_that_takes_nothing_is_read_until_its_application_takes_nothing_for_the_timeout) {
  ClientConfig config;
  config.timeout = 4000ms;
  config.queue_frames = 4;
  config.reconnect.enabled = false;
  connect(std::move(config));
  // Many frames, of which the queue holds a few, and then the broker is gone.
  busrt::base::ByteBuffer frames;
  for (int i = 0; i < 200; ++i) {
    const std::size_t prefix = wire::delivery_prefix_bytes(FrameKind::message, "s", "");
    std::byte* const at = frames.prepare(prefix + 1000);
    std::fill_n(wire::write_delivery_prefix(at, FrameKind::message, false, "s", "", 1000), 1000,
                std::byte{1});
    frames.commit(prefix + 1000);
  }
  ASSERT_EQ(peer->connection->to_client.write(frames.data()), frames.size());
  poll();
  peer->connection->to_broker.close();
  ASSERT_TRUE(client->try_send(Op::publish, "topic", as_bytes("x"), QoS::realtime));
  poll();
  // A slow application gets on: each pause is shorter than the timeout, all together are longer.
  int received = 0;
  const auto take = [&](int count) {
    for (int i = 0; i < count; ++i) {
      client->receive([&received](const Result<Frame>& frame) { received += frame ? 1 : 0; });
      poll();
    }
  };
  for (int round = 1; round <= 3; ++round) {
    for (int i = 0; i < 30; ++i) {
      system.advance_to(Clock::now() + 100ms);
      poll();
    }
    take(40);
    ASSERT_EQ(received, round * 40);
    ASSERT_TRUE(client->connected()) << "round " << round;
  }
  // One that stands still does not keep what is dead.
  for (int i = 0; i < 50; ++i) {
    system.advance_to(Clock::now() + 100ms);
    poll();
  }
  EXPECT_FALSE(client->connected());
}

TEST_F(ClientMoments, a_context_that_goes_first_takes_an_outstanding_read_of_pipes_with_it) {
  connect({});
  client->receive([](const Result<Frame>&) { FAIL() << "the context was gone"; });
  poll();
  context.reset();
  EXPECT_TRUE(peer->connection->to_broker.closed());
  EXPECT_EQ(peer->connection.use_count(), 1) << "the client's stream is still somewhere";
  peer->say("\0\0\0\0\0\0", 6);
  client.reset();
}

TEST_F(ClientMoments, what_is_refused_when_it_is_sent_again_may_have_been_delivered_before) {
  ClientConfig config;
  config.reconnect.first_delay = 1ms;
  connect(std::move(config));
  std::error_code result;
  client->send("other", as_bytes("hello"), QoS::processed,
               [&result](const Result<>& sent) { result = sent.error().code; });
  poll();
  ASSERT_EQ(peer->frames(), 1U);  // and a broker that delivers it, whose ack is lost
  peer->connection->to_client.close();
  poll();
  peer->tap = Tap(Tap::Direction::requests);
  system.advance_to(Clock::now() + 10ms);
  poll();
  ASSERT_EQ(peer->frames(), 1U);
  peer->say("\xFE\x02\x00\x00\x00\x71", 6);
  peer->say("\xFE\x01\x00\x00\x00\x71", 6);
  poll();
  EXPECT_EQ(result, errc::io);
  EXPECT_TRUE(may_have_been_delivered(result));
}

}  // namespace
}  // namespace busrt::simulation
