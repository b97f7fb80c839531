// Peers that misbehave towards a broker: each costs its own connection and nothing else.
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "broker_contract.hpp"
#include "process_limits.hpp"

namespace busrt {
namespace {

using busrt_testing::Received;
using busrt_testing::WireClient;

TEST_P(BrokerContract, refusals_of_the_handshake_say_why_and_close) {
  start();
  const struct {
    std::string bytes;
    errc answer;
  } cases[] = {
      {std::string("\xEA\x01\x00", 3), errc::not_supported},
      {std::string("\xEB\x02\x00", 3), errc::not_supported},
      {handshake_bytes(""), errc::data},
      {handshake_bytes(".broker"), errc::data},
      {handshake_bytes(".x"), errc::data},
      {handshake_bytes("nobody%%1"), errc::not_registered},
  };
  auto witnesses = bystanders();
  std::uint64_t refused = 0;
  for (const auto& each : cases) {
    EXPECT_EQ(last_answer(WireClient(channel()), each.bytes), each.answer);
    ++refused;
    witnesses.check();
  }
  EXPECT_TRUE(counts(
      [&](const BrokerStats& stats) { return stats.closed_for(CloseReason::handshake_refused) == refused; }));
}

TEST_P(BrokerContract, random_bytes_at_every_stage_disturb_nobody) {
  start();
  auto witnesses = bystanders();
  std::mt19937 random(20240501);
  const std::string good = handshake_bytes("noise");
  for (std::size_t stage = 0; stage <= good.size(); ++stage) {
    for (int round = 0; round < 8; ++round) {
      WireClient peer(channel());
      std::string bytes = good.substr(0, stage);
      for (int i = 0; i < 600; ++i) bytes += static_cast<char>(random());
      try {
        peer.write_raw(bytes);
      } catch (const std::exception&) {
        // Closed already: the broker had seen enough.
      }
    }
    witnesses.check();
  }
}

TEST_P(BrokerContract, frames_cut_at_every_byte_disturb_nobody) {
  start();
  auto witnesses = bystanders();
  const std::string whole =
      handshake_bytes("cut") + frame_bytes(Op::subscribe, std::string_view("a\0b/#", 5)) +
      frame_bytes(Op::publish_for, std::string_view("bystander/topic\0nobody\0payload", 30));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    WireClient peer(channel());
    peer.write_raw(std::string_view(whole).substr(0, length));
    peer.close();
    if (length % 8 == 0) witnesses.check();
  }
  witnesses.check();
  EXPECT_TRUE(counts([](const BrokerStats& stats) { return stats.clients == 2; }));
}

TEST_P(BrokerContract, a_frame_split_into_single_bytes_is_one_frame) {
  start();
  auto peer = connect("slow");
  const std::string bytes = frame_bytes(Op::message, std::string_view("slow\0payload", 12), QoS::no);
  for (const char& byte : bytes) peer.write_raw(std::string_view(&byte, 1));
  EXPECT_EQ(peer.next_data().payload, "payload");
}

TEST_P(BrokerContract, malformed_frames_end_only_their_own_connection) {
  start();
  auto witnesses = bystanders();
  const std::string cases[] = {
      frame_bytes(static_cast<Op>(0x3F), "x"),                                // unknown op
      frame_bytes(Op::publish, "topic without its end"),                      // no NUL
      frame_bytes(Op::publish_for, std::string_view("topic\0receiver", 14)),  // second NUL missing
      frame_bytes(Op::publish, std::string_view("\xC3\x28\0x", 4)),           // not UTF-8
      frame_bytes(Op::message, std::string_view("\xC3\x28\0x", 4)),           // not UTF-8
      frame_bytes(Op::subscribe, "\xFF"),                                     // not UTF-8
  };
  std::uint64_t errors = 0;
  for (const std::string& bytes : cases) {
    auto peer = connect("peer" + std::to_string(errors));
    peer.write_raw(bytes);
    EXPECT_TRUE(peer.wait_for_close());
    ++errors;
    EXPECT_TRUE(counts(
        [&](const BrokerStats& stats) { return stats.closed_for(CloseReason::protocol_error) == errors; }));
    witnesses.check();
  }
}

TEST_P(BrokerContract, a_thousand_connections_that_never_speak_disturb_nobody_and_end) {
  allow_many_connections();
  start({.timeout = std::chrono::milliseconds(1500)});
  std::vector<WireClient> silent;
  for (int i = 0; i < 1000; ++i) silent.emplace_back(channel());
  {
    auto witnesses = bystanders();
    for (int i = 0; i < 100; ++i) witnesses.check();
  }
  for (WireClient& peer : silent) EXPECT_TRUE(peer.wait_for_close());
  EXPECT_TRUE(counts(
      [](const BrokerStats& stats) { return stats.closed_for(CloseReason::handshake_timeout) >= 1000U; }));
}

TEST_P(BrokerContract, a_reader_with_a_full_queue_is_closed_and_its_publisher_goes_on) {
  start({.queue_frames = 16});
  auto reader = connect("reader");
  auto publisher = connect("publisher");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  const std::string payload(1000, 'x');
  for (int i = 0; i < 5000; ++i) publisher.send(Op::publish, "t", payload);
  ASSERT_EQ(publisher.confirmed(Op::publish, "elsewhere", ""), ok);
  EXPECT_TRUE(
      counts([](const BrokerStats& stats) { return stats.closed_for(CloseReason::slow_consumer) == 1; }));
  EXPECT_TRUE(reader.wait_for_close());
}

TEST_P(BrokerContract, silence_ends_a_connection_and_pings_keep_it) {
  start({.timeout = std::chrono::milliseconds(200)});
  auto silent = connect("silent");
  auto alive = connect("alive");
  alive.wait_for_nop();
  std::atomic<bool> done{false};
  std::thread pinger([&] {
    while (!done) {
      alive.ping();
      alive.wait_for_nop();
    }
  });
  EXPECT_TRUE(silent.wait_for_close());
  done = true;
  pinger.join();
  EXPECT_EQ(alive.confirmed(Op::publish, "x", ""), ok);
  EXPECT_TRUE(counts([](const BrokerStats& stats) { return stats.closed_for(CloseReason::silent) == 1; }));
}

TEST_P(BrokerContract, methods_of_the_broker_that_take_no_params_refuse_any) {
  start();
  auto client = connect("client");
  // Code -32602, little-endian, behind the call's id.
  constexpr std::string_view invalid_params = "\xA6\x80";
  for (const char* method : {"test", "info", "stats"}) {
    for (const std::string_view params : {"\x80", "\xC0",
                                          "\x81\xA1"
                                          "a\x01",
                                          "no MessagePack"}) {
      const std::string reply = client.call_broker(method, params);
      EXPECT_EQ(static_cast<unsigned char>(reply.at(0)), 0x12) << method;
      EXPECT_EQ(reply.substr(5, 2), invalid_params) << method;
    }
  }
}

TEST_P(BrokerContract, the_broker_answers_its_own_calls_and_survives_bad_ones) {
  start();
  auto client = connect("client");
  const auto kind = [](const std::string& reply) { return static_cast<unsigned char>(reply.at(0)); };
  EXPECT_EQ(client.call_broker("test").substr(5), "\x81\xA2ok\xC3");
  EXPECT_EQ(client.call_broker("benchmark.test", "any bytes").substr(5), "any bytes");
  EXPECT_NE(client.call_broker("info").find("version"), std::string::npos);
  EXPECT_NE(client.call_broker("stats").find("r_frames"), std::string::npos);
  EXPECT_NE(client.call_broker("client.list").find("client"), std::string::npos);
  EXPECT_EQ(client
                .call_broker("client.list",
                             "\x81\xA6"
                             "filter"
                             "\xA3^zz")
                .find("kind"),
            std::string::npos);
  for (const std::string& bad : {std::string("\x81"), std::string("\xC1"), std::string("\x93\x01\x02\x03"),
                                 std::string("\x81\xA6"
                                             "filter\x07"),
                                 std::string("\x81\xA6"
                                             "filter\xA2(["),
                                 std::string("\xDF\xFF\xFF\xFF\xFF")}) {
    const std::string reply = client.call_broker("client.list", bad);
    EXPECT_EQ(kind(reply), 0x12) << "an error, not a crash";
  }
  EXPECT_EQ(kind(client.call_broker("no.such.method")), 0x12);
  client.send(Op::message, ".broker", "", QoS::no);
  client.send(Op::message, ".broker", "\x7F not rpc", QoS::no);
  EXPECT_EQ(kind(client.call_broker("test")), 0x11);
}

TEST_P(BrokerContract, topics_of_the_broker_itself_reach_no_other_sender) {
  start();
  auto watcher = connect("watcher");
  ASSERT_EQ(watcher.confirmed_topics(Op::subscribe, {"#"}), ok);
  auto noisy = connect("noisy");
  for (int i = 0; i < 50; ++i) noisy.send(Op::publish, "x/" + std::to_string(i), "");
  int own = 0;
  while (own < 50) {
    const Received frame = watcher.next_data();
    if (frame.sender == "noisy") ++own;
    if (frame.sender == ".broker") {
      EXPECT_EQ(frame.topic.rfind(".broker/", 0), 0U);
    }
  }
}

}  // namespace
}  // namespace busrt
