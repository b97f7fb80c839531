// The parts of a shard, without its thread: outputs, when they are written, and frames between shards.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "broker/back_pressure.hpp"
#include "broker/forwarder.hpp"
#include "broker/shard.hpp"
#include "broker_endpoints.hpp"
#include "broker_receiver.hpp"

namespace busrt::broker {
namespace {

using namespace std::chrono_literals;

class ShardParts : public testing::Test {
 protected:
  ShardParts() {
    for (std::size_t i = 0; i < 2; ++i) {
      shards_.push_back(std::make_unique<Shard>(
          i, shards_,
          ShardSettings{.tick_interval = 100ms, .queue_limits = {.frames = 4, .bytes = 1U << 20}}));
      shards_.back()->reserve(8);
    }
  }
  /// Runs a shard's mail.
  class Owner final : public transport::LoopOwner {
   public:
    void end_of_batch() override {}
    bool has_deferred_output() override { return false; }
    void spin_ended(bool, std::chrono::steady_clock::duration) override {}
    void tick(std::chrono::steady_clock::time_point) override {}
    void fault(const std::exception& what) noexcept override { ADD_FAILURE() << what.what(); }
  };
  void run_mail(std::size_t index) {
    Owner owner;
    shards_[index]->loop().turn(owner);
  }
  Shard& first() { return *shards_[0]; }

  Counters counters_;
  Endpoints endpoints_;
  ShardTable shards_;
};

TEST_F(ShardParts, AMarkedOutputIsWrittenOnce) {
  Receiver receiver(first(), endpoints_.budget, "a");
  receiver.queue(10);
  first().flushes().mark(receiver.output());
  first().flushes().mark(receiver.output());
  EXPECT_EQ(receiver.endpoint()->depth.frames(), 1U);
  first().flush_marked();
  EXPECT_EQ(receiver.take(), 10U);
  EXPECT_EQ(receiver.endpoint()->depth.frames(), 0U);
  EXPECT_FALSE(first().flushes().has_marked());
}

TEST_F(ShardParts, ADeferredAckLeavesWithOtherOutputOrWhenItsTimeIsOver) {
  Receiver receiver(first(), endpoints_.budget, "a");
  receiver.queue(6);
  first().flushes().defer(receiver.output());
  first().flush_marked();
  EXPECT_EQ(receiver.take(), 0U);
  first().flushes().end_deferral();
  first().flush_overdue();
  EXPECT_EQ(receiver.take(), 6U);
  EXPECT_FALSE(first().flushes().has_deferred());
}

TEST_F(ShardParts, AnOutputThatEndsIsInNoListAnyMore) {
  Receiver receiver(first(), endpoints_.budget, "a");
  receiver.queue(6);
  first().flushes().defer(receiver.output());
  first().flushes().mark(receiver.output());
  first().flushes().forget(receiver.output());
  EXPECT_FALSE(first().flushes().has_marked());
  EXPECT_FALSE(first().flushes().has_deferred());
}

TEST_F(ShardParts, APublisherWaitsUntilTheQueueIsHalfEmpty) {
  BackPressure back_pressure(first(), 10s);
  Receiver receiver(first(), endpoints_.budget, "receiver", 100);
  Receiver publisher(first(), endpoints_.budget, "publisher");
  for (int i = 0; i < 4; ++i) receiver.queue(60);
  EXPECT_FALSE(back_pressure.make_room(*receiver.endpoint(), 60)) << "the pipe takes one frame and a part";
  back_pressure.wait_for(receiver.endpoint(), publisher.endpoint(), 60);
  EXPECT_FALSE(first().has_resumable());
  for (int i = 0; i < 10 && receiver.endpoint()->depth.frames() > 2; ++i) {
    EXPECT_FALSE(first().has_resumable());
    receiver.take();
    receiver.output().unblock();
    first().flush(receiver.output());
  }
  EXPECT_TRUE(first().has_resumable());
  std::vector<EndpointRef> resumed;
  first().take_resumable(resumed);
  EXPECT_EQ(resumed, std::vector{publisher.endpoint()});
}

TEST_F(ShardParts, AReceiverThatTakesNothingInAStallPeriodIsClosed) {
  BackPressure back_pressure(first(), 10s);
  Receiver receiver(first(), endpoints_.budget, "receiver", 100);
  Receiver publisher(first(), endpoints_.budget, "publisher");
  for (int i = 0; i < 4; ++i) receiver.queue(60);
  EXPECT_FALSE(back_pressure.make_room(*receiver.endpoint(), 60));
  back_pressure.wait_for(receiver.endpoint(), publisher.endpoint(), 60);
  const auto now = first().loop().now();
  back_pressure.check_stall(receiver.output(), now + 10s);
  EXPECT_FALSE(receiver.end().closing());
  back_pressure.check_stall(receiver.output(), now + 10s + 1ms);
  EXPECT_EQ(receiver.end().reason(), CloseReason::slow_consumer);
}

TEST_F(ShardParts, AForwardedFrameHasItsPlaceBeforeItArrives) {
  Receiver receiver(*shards_[1], endpoints_.budget, "receiver");
  Forwarder forwarder(first(), counters_, 2);
  forwarder.add(receiver.endpoint(), 10, [](std::byte* at) { std::fill_n(at, 10, std::byte{7}); });
  EXPECT_EQ(receiver.endpoint()->depth.frames(), 1U);
  forwarder.send([](const std::exception& what) { ADD_FAILURE() << what.what(); });
  run_mail(1);
  EXPECT_EQ(receiver.endpoint()->depth.remote_frames.load(), 0U);
  EXPECT_EQ(receiver.endpoint()->depth.local_frames.get(), 1U);
  shards_[1]->flush_marked();
  EXPECT_EQ(receiver.take(), 10U);
}

TEST_F(ShardParts, AFrameForAReceiverThatHasEndedIsCounted) {
  Receiver receiver(*shards_[1], endpoints_.budget, "receiver");
  Forwarder forwarder(first(), counters_, 2);
  forwarder.add(receiver.endpoint(), 10, [](std::byte* at) { std::fill_n(at, 10, std::byte{7}); });
  receiver.end().close(CloseReason::silent);
  forwarder.send([](const std::exception& what) { ADD_FAILURE() << what.what(); });
  run_mail(1);
  EXPECT_EQ(counters_.lost_after_close.load(), 1U);
  EXPECT_EQ(receiver.endpoint()->depth.frames(), 0U);
}

}  // namespace
}  // namespace busrt::broker
