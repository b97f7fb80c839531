// Our client and our broker under load, over every way between them; what holds with every broker is in
// client_contract_frames_test.cpp.
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "all_ways.hpp"
#include "broker_fixture.hpp"
#include "busrt/blocking_client.hpp"
#include "client_fixture.hpp"
#include "transport_ways.hpp"

namespace busrt {
namespace {

class ClientAndBroker : public testing::TestWithParam<Way> {
 protected:
  void start(BrokerConfig config) {
    transport.prepare(config);
    broker = std::make_unique<Broker>(std::move(config));
    transport.listen(*broker);
  }

  [[nodiscard]] ClientConfig config(std::string name) { return transport.client(std::move(name), *broker); }

  static BlockingClient connected(ClientConfig with) {
    BlockingClient client(std::move(with));
    if (auto up = client.connect(); !up) throw std::runtime_error(up.error().describe());
    return client;
  }

  Transport transport{GetParam()};
  std::unique_ptr<Broker> broker;
};

TEST_P(ClientAndBroker, AClientMayGoWithItsLoopWhileTheBrokerWritesToIt) {
  start({});
  // Who goes when is what this is about, not how fast a busy machine answers.
  const auto patient = [this](std::string name) {
    auto with = config(std::move(name));
    with.timeout = patience;
    return with;
  };
  auto publisher = connected(patient("publisher"));
  const std::jthread publishing([&publisher](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto sent = publisher.publish("flood", as_bytes("x"), QoS::realtime);
      EXPECT_TRUE(sent) << sent.error().describe();
      if (!sent) return;
    }
  });
  for (int round = 0; round < 200; ++round) {
    auto visitor = connected(patient("visitor" + std::to_string(round)));
    const auto subscribed = visitor.subscribe({"flood"});
    ASSERT_TRUE(subscribed) << "round " << round << ": " << subscribed.error().describe();
    const auto frame = visitor.receive(patience);
    ASSERT_TRUE(frame) << "round " << round << ": " << frame.error().describe();
  }
}

/// So large that what is published exceeds what a kernel buffers for one TCP connection, tens of megabytes.
constexpr std::size_t number_bytes = 512;

asio::awaitable<bool> publish_numbers(Client& client, std::uint64_t count) {
  std::vector<std::byte> payload(number_bytes);
  for (std::uint64_t number = 0; number < count;) {
    std::memcpy(payload.data(), &number, sizeof number);
    if (client.try_send(Op::publish, "numbers", payload)) {
      ++number;
    } else if (auto room = co_await client.wait_writable(); !room) {
      co_return false;
    }
  }
  co_return true;
}

TEST_P(ClientAndBroker, UnderBackPressureNothingIsLostAndTheOrderHolds) {
  // Every queue on the way is far smaller than what is sent, and the reader is slow to begin with.
  BrokerConfig small_broker;
  small_broker.queue_frames = 500;
  small_broker.queue_bytes = 64U << 10;
  start(small_broker);
  auto small = config("subscriber");
  small.queue_frames = 100;
  auto subscriber = connected(small);
  ASSERT_TRUE(subscriber.subscribe({"numbers"}));
  auto sending = config("publisher");
  sending.outgoing_bytes = 32U << 10;
  auto publisher = connected(sending);

  constexpr std::uint64_t count = 100'000;
  auto published = asio::co_spawn(publisher.async().get_executor(), publish_numbers(publisher.async(), count),
                                  asio::use_future);
  // Not a frame is taken until the publisher feels it.
  ASSERT_TRUE(eventually([&] { return broker->stats().holds > 0; }));
  for (std::uint64_t expected = 0; expected < count; ++expected) {
    const auto frame = subscriber.receive(patience);
    ASSERT_TRUE(frame) << frame.error().describe() << " at " << expected;
    std::uint64_t number = 0;
    ASSERT_EQ(frame->payload().size(), number_bytes);
    std::memcpy(&number, frame->payload().data(), sizeof number);
    ASSERT_EQ(number, expected);
  }
  EXPECT_TRUE(value_of(std::move(published)));
  for (const std::uint64_t lost : broker->stats().lost) EXPECT_EQ(lost, 0U);
  EXPECT_EQ(subscriber.async().stats().frames_in, count);
  EXPECT_EQ(publisher.async().stats().unsent_bytes, 0U);
}

INSTANTIATE_TEST_SUITE_P(Ways, ClientAndBroker, testing::ValuesIn(all_ways()),
                         [](const auto& way) { return name_of(way.param); });

}  // namespace
}  // namespace busrt
