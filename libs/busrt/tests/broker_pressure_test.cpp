// Full queues: publishers are held and nothing is lost, or what is lost is counted by cause and client.
#include <atomic>
#include <span>
#include <string>
#include <thread>

#include "broker_fixture.hpp"
#include "wire/codec.hpp"

namespace busrt {
namespace {

class BrokerPressure : public BrokerTest {
 protected:
  /// Publishes until the publisher is held, that is until the broker takes no more of its bytes for the
  /// moment.
  void flood(WireClient& publisher, int frames, std::size_t payload = 1000) {
    const std::string filler(payload, 'x');
    for (int i = 0; i < frames; ++i) publisher.send(Op::publish, "t", std::to_string(i) + ":" + filler);
  }

  /// Tells the reader that this sender has no more for it: the last of its frames, however often it meets a
  /// full queue. Returns how often it did, since each of these counts as a loss.
  std::uint64_t send_end(WireClient& sender) {
    std::uint64_t refused = 0;
    while (sender.confirmed(Op::message, "reader", "end") != ok) ++refused;
    return refused;
  }

  /// Counts what arrives until `senders` senders have sent their end.
  std::uint64_t count_until_ends(WireClient& reader, int senders) {
    std::uint64_t received = 0;
    while (senders > 0) {
      if (reader.next_data().payload == "end") {
        --senders;
      } else {
        ++received;
      }
    }
    return received;
  }
};
INSTANTIATE_TEST_SUITE_P(All, BrokerPressure, testing::ValuesIn(all_variants()),
                         [](const auto& variant) { return variant.param.name; });

TEST_P(BrokerPressure, a_slow_reader_holds_its_publisher_and_loses_nothing) {
  start({.queue_frames = 64, .log = {}});
  auto reader = connect("reader");
  auto publisher = connect("publisher");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  constexpr int frames = 20'000;
  std::thread writer([&] { flood(publisher, frames); });
  ASSERT_TRUE(eventually([&] { return broker_->stats().holds > 0; }));
  for (int i = 0; i < frames; ++i) {
    const std::string payload = reader.next_data().payload;
    ASSERT_EQ(payload.substr(0, payload.find(':')), std::to_string(i));
  }
  writer.join();
  EXPECT_EQ(lost(LossCause::slow_consumer), 0U);
  EXPECT_EQ(broker_->stats().closed_for(CloseReason::slow_consumer), 0U);
}

TEST_P(BrokerPressure, the_queue_stays_within_its_bound) {
  start({.queue_frames = 64, .log = {}});
  auto reader = connect("reader");
  auto publisher = connect("publisher");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  std::thread writer([&] {
    try {
      flood(publisher, 100'000);
    } catch (const std::exception&) {
      // The test ends before all of it is taken.
    }
  });
  ASSERT_TRUE(eventually([&] { return broker_->stats().holds > 0; }));
  // One frame more for each other shard at most, once frames on their way between shards are not counted
  // twice.
  EXPECT_TRUE(eventually([&] { return info("reader").queue <= 64 + GetParam().shards; }));
  broker_->shutdown(std::chrono::milliseconds(0));
  writer.join();
}

TEST_P(BrokerPressure, a_reader_stalled_past_the_limit_is_closed_counted_and_named) {
  start({.queue_frames = 16, .stall_limit = std::chrono::milliseconds(100), .log = {}});
  auto stuck = connect("stuck");
  auto watcher = connect("watcher");
  auto publisher = connect("publisher");
  ASSERT_EQ(stuck.confirmed_topics(Op::subscribe, {"t"}), ok);
  constexpr int frames = 5000;
  flood(publisher, frames);
  // Everything is taken in the end: the receiver that stood in the way is gone.
  EXPECT_EQ(publisher.confirmed(Op::publish, "t", "after"), ok);
  const Received warning = watcher.next_data();
  EXPECT_EQ(warning.topic, ".broker/warn");
  EXPECT_NE(warning.payload.find("slow_consumer"), std::string::npos);
  EXPECT_NE(warning.payload.find("stuck"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return broker_->stats().closed_for(CloseReason::slow_consumer) == 1; }));
  EXPECT_GT(lost(LossCause::slow_consumer), 0U);
  EXPECT_TRUE(logged("stuck"));
}

TEST_P(BrokerPressure, a_reader_that_keeps_taking_bytes_of_a_large_frame_is_no_slow_consumer) {
  constexpr auto limit = std::chrono::seconds(2);
  start({.queue_bytes = 1U << 20, .stall_limit = limit, .log = {}});
  auto reader = connect("reader");
  auto publisher = connect("publisher");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  // The second frame has no room before the first is taken whole, and that is longer than the stall limit.
  const std::string payload(12U << 20, 'x');
  const std::jthread writer([&] {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(publisher.confirmed(Op::publish, "t", payload), ok);
  });
  ASSERT_TRUE(eventually([&] { return broker_->stats().holds > 0; }));
  const auto held = std::chrono::steady_clock::now();
  constexpr std::size_t steps = 40;
  std::size_t taken = 0;
  const auto take_until = [&](std::size_t bytes) {
    while (taken < bytes) {
      const std::size_t more = reader.read_raw().size();
      if (more == 0) return false;
      taken += more;
    }
    return true;
  };
  for (std::size_t step = 1; step <= steps; ++step) {
    ASSERT_TRUE(take_until(step * (payload.size() / 2 / steps)));
    ASSERT_TRUE(
        eventually([&] { return std::chrono::steady_clock::now() > held + step * limit / (steps - 10); }));
  }
  ASSERT_TRUE(take_until(2 * payload.size()));
  EXPECT_EQ(broker_->stats().closed_for(CloseReason::slow_consumer), 0U);
  EXPECT_EQ(lost(LossCause::slow_consumer), 0U);
}

TEST_P(BrokerPressure, a_reader_that_takes_a_byte_now_and_then_holds_no_publisher_longer_than_the_limit) {
  start({.queue_bytes = 1U << 20, .stall_limit = std::chrono::milliseconds(100), .log = {}});
  auto channel_of_trickle = channel();
  auto* const bytes = channel_of_trickle.get();
  WireClient trickle(std::move(channel_of_trickle), "trickle");
  auto publisher = connect("publisher");
  ASSERT_EQ(trickle.confirmed_topics(Op::subscribe, {"t"}), ok);
  const std::string payload(16U << 20, 'x');
  std::thread writer([&] {
    for (int i = 0; i < 2; ++i) EXPECT_EQ(publisher.confirmed(Op::publish, "t", payload), ok);
  });
  std::size_t taken = 0;
  while (broker_->stats().closed_for(CloseReason::slow_consumer) == 0) {
    std::byte one{};
    if (taken < 100 && bytes->readable(std::chrono::milliseconds(10)))
      taken += bytes->read({&one, 1}, busrt_testing::patience);
    ASSERT_LE(taken, 100U);
  }
  writer.join();
  EXPECT_GT(lost(LossCause::slow_consumer), 0U);
}

TEST_P(BrokerPressure, a_reader_that_is_full_by_bytes_holds_nobody_longer_than_the_limit) {
  start({.queue_bytes = 64U << 10, .stall_limit = std::chrono::milliseconds(100), .log = {}});
  auto stuck = connect("stuck");
  auto publisher = connect("publisher");
  ASSERT_EQ(stuck.confirmed_topics(Op::subscribe, {"t"}), ok);
  flood(publisher, 5000);
  EXPECT_EQ(publisher.confirmed(Op::publish, "t", "after"), ok);
  EXPECT_EQ(broker_->stats().closed_for(CloseReason::slow_consumer), 1U);
  EXPECT_LT(broker_->stats().holds, 1000U) << "who has to wait asks once, not all the time";
}

TEST_P(BrokerPressure, frames_behind_the_one_that_ends_their_sender_are_counted) {
  start({.queue_frames = 16, .slow_consumer = SlowConsumer::disconnect, .log = {}});
  busrt::base::ByteBuffer frames;
  const std::string payload(1000, 'x');
  for (int i = 0; i < 5000; ++i) {
    wire::append_request(frames, 1, Op::publish, QoS::no, "t", {}, {}, std::as_bytes(std::span(payload)));
  }
  // It is closed within what one read brought, unless that happens to end with the frame that closes it.
  for (int round = 0; round < 10 && lost(LossCause::sender_closed) == 0; ++round) {
    auto both = connect("both" + std::to_string(round));
    ASSERT_EQ(both.confirmed_topics(Op::subscribe, {"t"}), ok);
    try {
      both.write_raw(frames.data());
    } catch (const std::exception&) {
      // The broker closes it on the way.
    }
    ASSERT_TRUE(eventually([&] {
      return broker_->stats().closed_for(CloseReason::slow_consumer) > static_cast<std::uint64_t>(round);
    }));
  }
  EXPECT_GT(lost(LossCause::sender_closed), 0U);
}

TEST_P(BrokerPressure, realtime_frames_are_dropped_and_every_drop_is_counted) {
  start({.queue_frames = 16, .log = {}});
  auto reader = connect("reader");
  auto publisher = connect("publisher");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  constexpr int frames = 5000;
  const std::string payload(1000, 'x');
  for (int i = 0; i < frames; ++i) publisher.send(Op::publish, "t", payload, QoS::realtime);
  // The publisher is never held: its next confirmed frame is answered though nobody reads.
  ASSERT_EQ(publisher.confirmed(Op::publish, "elsewhere", ""), ok);
  EXPECT_EQ(broker_->stats().holds, 0U);
  std::thread ender([&] { EXPECT_EQ(send_end(publisher), 0U) << "a frame that is not realtime waits"; });
  const std::uint64_t received = count_until_ends(reader, 1);
  ender.join();
  EXPECT_LT(received, static_cast<std::uint64_t>(frames));
  EXPECT_TRUE(eventually([&] { return received + lost(LossCause::realtime_queue_full) == frames; }));
  EXPECT_EQ(info("reader").total_lost(), lost(LossCause::realtime_queue_full));
}

TEST_P(BrokerPressure, the_log_line_of_a_clients_end_names_its_losses_by_cause) {
  start({.queue_frames = 16, .stall_limit = std::chrono::milliseconds(100), .log = {}});
  auto stuck = connect("stuck");
  auto publisher = connect("publisher");
  ASSERT_EQ(stuck.confirmed_topics(Op::subscribe, {"t"}), ok);
  const std::string payload(1000, 'x');
  for (int i = 0; i < 5000; ++i) publisher.send(Op::publish, "t", payload, QoS::realtime);
  flood(publisher, 5000);
  EXPECT_EQ(publisher.confirmed(Op::publish, "t", "after"), ok);
  ASSERT_TRUE(eventually([&] { return broker_->stats().closed_for(CloseReason::slow_consumer) == 1; }));
  const auto told = [&](LossCause cause) {
    return std::to_string(lost(cause)) + " " + std::string(to_string(cause));
  };
  EXPECT_TRUE(eventually([&] {
    return logged("frames lost: " + told(LossCause::realtime_queue_full) + ", " +
                  told(LossCause::slow_consumer));
  }));
}

TEST_P(BrokerPressure, a_realtime_message_that_finds_no_room_is_answered_not_delivered) {
  start({.queue_frames = 4, .log = {}});
  auto reader = connect("reader");
  auto sender = connect("sender");
  const std::string payload(100'000, 'x');
  bool refused = false;
  for (int i = 0; i < 100 && !refused; ++i) {
    const auto id = sender.send(Op::message, "reader", payload, QoS::realtime_processed);
    const Received ack = sender.next();
    ASSERT_EQ(ack.ack_op_id, id);
    refused = ack.ack_code == static_cast<std::uint8_t>(errc::not_delivered);
    if (!refused) {
      ASSERT_EQ(ack.ack_code, ok);
    }
  }
  EXPECT_TRUE(refused);
}

TEST_P(BrokerPressure, with_the_drop_rule_nobody_waits_and_every_drop_is_counted) {
  start({.queue_frames = 16, .slow_consumer = SlowConsumer::drop, .log = {}});
  auto reader = connect("reader");
  auto publisher = connect("publisher");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  flood(publisher, 5000);
  ASSERT_EQ(publisher.confirmed(Op::publish, "elsewhere", ""), ok);
  EXPECT_EQ(broker_->stats().holds, 0U);
  ASSERT_TRUE(eventually([&] { return lost(LossCause::queue_full) > 0; }));
}

TEST_P(BrokerPressure, a_client_that_reads_no_acks_is_held_and_its_acks_wait) {
  start({.queue_frames = 32, .log = {}});
  auto client = connect("client");
  auto other = connect("other");
  std::atomic<bool> held{false};
  std::atomic<bool> done{false};
  std::atomic<std::uint32_t> sent{0};
  std::thread writer([&] {
    while (!held) {
      ++sent;
      client.send(Op::publish, "nobody", "", QoS::processed);
    }
    done = true;
  });
  EXPECT_TRUE(eventually([&] { return broker_->stats().holds > 0; }));
  EXPECT_EQ(other.confirmed(Op::publish, "x", ""), ok) << "nobody else is disturbed";
  held = true;
  for (std::uint32_t received = 0; !done || received < sent;) {
    if (received == sent) {
      std::this_thread::yield();
      continue;
    }
    const Received ack = client.next();
    EXPECT_EQ(ack.kind, FrameKind::ack);
    EXPECT_EQ(ack.ack_op_id, ++received);
  }
  writer.join();
}

TEST_P(BrokerPressure, frames_queued_for_a_client_that_leaves_are_counted) {
  start({.queue_frames = 1000, .log = {}});
  auto publisher = connect("publisher");
  {
    auto leaver = connect("leaver");
    ASSERT_EQ(leaver.confirmed_topics(Op::subscribe, {"t"}), ok);
    const std::string payload(20'000, 'x');
    for (int i = 0; i < 500; ++i) publisher.send(Op::publish, "t", payload);
    ASSERT_EQ(publisher.confirmed(Op::publish, "elsewhere", ""), ok);
    ASSERT_TRUE(eventually([&] { return info("leaver").queue > 100; }));
  }
  EXPECT_TRUE(eventually([&] { return lost(LossCause::receiver_closed) > 100; }));
}

TEST_P(BrokerPressure, a_publisher_that_leaves_while_held_has_its_frames_delivered) {
  start({.queue_frames = 4, .log = {}});
  auto reader = connect("reader");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  // More than the reader's socket and queue take, less than what the two sockets and one read of the broker
  // hold.
  constexpr int frames = 24;
  {
    auto publisher = connect("publisher");
    flood(publisher, frames, 20'000);
  }
  if (!GetParam().inproc) {
    ASSERT_TRUE(eventually([&] { return broker_->stats().holds > 0; }));
  }
  for (int i = 0; i < frames; ++i) {
    const std::string payload = reader.next_data().payload;
    ASSERT_EQ(payload.substr(0, payload.find(':')), std::to_string(i));
  }
  EXPECT_TRUE(eventually([&] { return broker_->stats().clients == 1; }));
}

TEST_P(BrokerPressure, a_frame_larger_than_the_whole_byte_limit_still_gets_through) {
  start({.queue_bytes = 10'000, .log = {}});
  auto reader = connect("reader");
  auto publisher = connect("publisher");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  const std::string payload(100'000, 'x');
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) publisher.send(Op::publish, "t", payload);
  });
  for (int i = 0; i < 20; ++i) ASSERT_EQ(reader.next_data().payload.size(), payload.size());
  writer.join();
}

TEST_P(BrokerPressure, what_is_sent_equals_what_is_delivered_plus_what_is_counted_lost) {
  start({.queue_frames = 32, .slow_consumer = SlowConsumer::drop, .log = {}});
  auto reader = connect("reader");
  ASSERT_EQ(reader.confirmed_topics(Op::subscribe, {"t"}), ok);
  constexpr int writers = 4;
  constexpr int frames = 5000;
  std::atomic<std::uint64_t> refused{0};
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      auto publisher = connect("publisher" + std::to_string(w));
      flood(publisher, frames, 200);
      refused += send_end(publisher);
    });
  }
  const std::uint64_t received = count_until_ends(reader, writers);
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(eventually([&] {
    return received + lost(LossCause::queue_full) == refused + static_cast<std::uint64_t>(writers) * frames;
  })) << received
      << " received, " << lost(LossCause::queue_full) << " lost, " << refused << " refused";
}

}  // namespace
}  // namespace busrt
