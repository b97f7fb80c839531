// The outgoing bytes of a connection: room, lane, positions, and which frames are known to have been handled.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "client/send_buffer.hpp"
#include "client/unacked_frames.hpp"

namespace busrt::detail {
namespace {

TEST(SendBuffer, AFrameLargerThanTheCapacityGoesAlone) {
  SendBuffer buffer(100);
  EXPECT_TRUE(buffer.has_room(1000));
  buffer.queued().append(std::string(10, 'x'));
  EXPECT_TRUE(buffer.has_room(90));
  EXPECT_FALSE(buffer.has_room(91));
  EXPECT_TRUE(buffer.at_most_half_full());
  buffer.queued().append(std::string(41, 'x'));
  EXPECT_FALSE(buffer.at_most_half_full());
}

TEST(SendBuffer, CountsBytesInFlightUntilTheyAreWritten) {
  SendBuffer buffer(100);
  base::ByteBuffer writing;
  buffer.queued().append(std::string(60, 'x'));
  buffer.take(writing);
  EXPECT_TRUE(buffer.queued().empty());
  EXPECT_EQ(buffer.in_flight(), 60U);
  buffer.queued().append(std::string(20, 'y'));
  EXPECT_EQ(buffer.outgoing_bytes(), 80U);
  EXPECT_EQ(buffer.end_position(), 80U);
  EXPECT_EQ(buffer.expose(writing).size(), 60U);
  buffer.wrote(50);
  EXPECT_EQ(buffer.outgoing_bytes(), 30U);
  EXPECT_EQ(buffer.end_position(), 80U);
  EXPECT_EQ(buffer.expose(writing).size(), 10U);
}

TEST(SendBuffer, BytesAreExposedFromTheStartOfTheWriteToItsResult) {
  SendBuffer buffer(100);
  base::ByteBuffer writing;
  buffer.queued().append(std::string(60, 'x'));
  EXPECT_EQ(buffer.exposed(), 0U);
  buffer.take(writing);
  static_cast<void>(buffer.expose(writing));
  EXPECT_EQ(buffer.exposed(), 60U);
  buffer.reached(25);
  EXPECT_EQ(buffer.exposed(), 25U);
  buffer.wrote(25);
  static_cast<void>(buffer.expose(writing));
  EXPECT_EQ(buffer.exposed(), 60U);
  // The owner asks for it after the connection is gone.
  buffer.connection_closed();
  EXPECT_EQ(buffer.exposed(), 60U);
  EXPECT_EQ(buffer.outgoing_bytes(), 0U);
  buffer.connection_opened();
  EXPECT_EQ(buffer.exposed(), 0U);
}

TEST(SendBuffer, OneHolderHasTheLaneAndOneFlushIsScheduled) {
  SendBuffer buffer(100);
  EXPECT_TRUE(buffer.claim_lane());
  EXPECT_FALSE(buffer.claim_lane());
  EXPECT_TRUE(buffer.lane_busy());
  EXPECT_TRUE(buffer.schedule_flush());
  EXPECT_FALSE(buffer.schedule_flush());
  buffer.flush_begins();
  EXPECT_TRUE(buffer.schedule_flush());
  buffer.release_lane();
  EXPECT_TRUE(buffer.claim_lane());
  buffer.connection_closed();
  EXPECT_FALSE(buffer.lane_busy());
  EXPECT_TRUE(buffer.schedule_flush());
}

TEST(UnackedFrames, AnAckConfirmsTheFramesBeforeIt) {
  UnackedFrames frames;
  frames.add();
  frames.add();
  const std::uint64_t before = frames.sent();
  frames.add();
  EXPECT_EQ(frames.unknown(), 3U);
  frames.acknowledged(7, before);
  EXPECT_EQ(frames.unknown(), 1U);
  // An earlier operation's ack that comes later takes nothing back.
  frames.acknowledged(6, 1);
  EXPECT_EQ(frames.unknown(), 1U);
}

TEST(UnackedFrames, AConnectionThatEndsLeavesItsProbe) {
  UnackedFrames frames;
  frames.add();
  frames.probe_sent(9);
  EXPECT_EQ(frames.connection_closed(), 9U);
  EXPECT_EQ(frames.sent(), 0U);
  EXPECT_EQ(frames.unknown(), 0U);
  frames.probe_sent(10);
  frames.acknowledged(10, 0);
  EXPECT_EQ(frames.connection_closed(), std::nullopt);
}

}  // namespace
}  // namespace busrt::detail
