// The client's sans-I/O parts: session, frame reader, event queue.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <thread>

#include "busrt/limits.hpp"
#include "busrt_testing/scripted_peer.hpp"
#include "client/frame_queue.hpp"
#include "client/session.hpp"

namespace busrt::detail {
namespace {

using busrt_testing::ScriptedPeer;
constexpr std::uint32_t max_body = 8U << 20;

/// Feeds bytes as a socket would, `step` at a time.
class Feeder {
 public:
  explicit Feeder(Session& session) : session_(session) {}

  Result<> feed(std::string_view bytes, std::size_t step = SIZE_MAX) {
    while (!bytes.empty()) {
      const auto room = session_.room();
      largest_room = std::max(largest_room, room.size());
      const std::size_t count = std::min({step, bytes.size(), room.size()});
      std::memcpy(room.data(), bytes.data(), count);
      bytes.remove_prefix(count);
      if (auto advanced = session_.advance(count, answers, batch); !advanced) return advanced;
    }
    return {};
  }

  busrt::base::ByteBuffer answers;
  Batch batch;
  std::size_t largest_room = 0;

 private:
  Session& session_;
};

std::string handshake() {
  return std::string(ScriptedPeer::greeting) + "\x01\x01";
}

std::string three_deliveries() {
  return ScriptedPeer::delivery(FrameKind::publish, "sender", "a/topic", "one") +
         std::string("\xFE\x07\x00\x00\x00\x79", 6) + std::string(ScriptedPeer::nop) +
         ScriptedPeer::delivery(FrameKind::message, "other%%1", "", "two", true) +
         ScriptedPeer::delivery(FrameKind::broadcast, "s", "", "");
}

TEST(Session, SendsItsGreetingAndNameInTheStepsOfTheHandshake) {
  Session session("app", max_body);
  Feeder feeder(session);
  ASSERT_TRUE(feeder.feed(ScriptedPeer::greeting));
  EXPECT_EQ(as_text(feeder.answers.data()), ScriptedPeer::greeting);
  feeder.answers.clear();
  ASSERT_TRUE(feeder.feed(ScriptedPeer::ok));
  EXPECT_EQ(as_text(feeder.answers.data()), std::string_view("\x03\x00"
                                                             "app",
                                                             5));
  EXPECT_FALSE(session.registered());
  ASSERT_TRUE(feeder.feed(ScriptedPeer::ok));
  EXPECT_TRUE(session.registered());
}

TEST(Session, GivesTheSameFramesWhereverTheStreamIsCut) {
  const std::string stream = handshake() + three_deliveries();
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    Session session("app", max_body);
    Feeder feeder(session);
    ASSERT_TRUE(feeder.feed(stream, step)) << "in steps of " << step;
    ASSERT_EQ(feeder.batch.frames.size(), 3U) << "in steps of " << step;
    const auto& frames = feeder.batch.frames;
    EXPECT_EQ(frames[0].sender(), "sender");
    EXPECT_EQ(frames[0].topic(), "a/topic");
    EXPECT_EQ(frames[0].text(), "one");
    EXPECT_EQ(frames[1].sender(), "other%%1");
    EXPECT_EQ(frames[1].primary_sender(), "other");
    EXPECT_TRUE(frames[1].realtime());
    EXPECT_EQ(frames[1].text(), "two");
    EXPECT_EQ(frames[2].kind(), FrameKind::broadcast);
    EXPECT_TRUE(frames[2].payload().empty());
    ASSERT_EQ(feeder.batch.acks.size(), 1U);
    EXPECT_EQ(feeder.batch.acks[0].op_id, 7U);
    EXPECT_EQ(feeder.batch.acks[0].code, 0x79);
  }
}

TEST(Session, EveryRefusalOfTheHandshakeBecomesItsErrorCode) {
  for (const errc code : {errc::not_registered, errc::data, errc::io, errc::other, errc::not_supported,
                          errc::busy, errc::not_delivered, errc::timeout, errc::access}) {
    for (const bool after_name : {false, true}) {
      Session session("app", max_body);
      Feeder feeder(session);
      std::string stream(ScriptedPeer::greeting);
      if (after_name) stream += ScriptedPeer::ok;
      stream += static_cast<char>(code);
      const auto result = feeder.feed(stream);
      ASSERT_FALSE(result);
      EXPECT_EQ(result.error().code, code);
      EXPECT_FALSE(session.registered());
    }
  }
}

TEST(Session, APeerThatIsNoBrokerIsNotSupported) {
  for (const std::string_view opening : {std::string_view("HTTP/1.1"), std::string_view("\xEB\x02\x00", 3)}) {
    Session session("app", max_body);
    Feeder feeder(session);
    const auto result = feeder.feed(opening);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, errc::not_supported);
  }
}

TEST(Session, GarbageAfterTheHandshakeEndsItWithIoAndKeepsWhatCameBefore) {
  Session session("app", max_body);
  Feeder feeder(session);
  const auto result = feeder.feed(handshake() + three_deliveries() + "garbage");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, errc::io);
  EXPECT_EQ(feeder.batch.frames.size(), 3U);
}

TEST(Session, AFrameOverTheLimitIsPassedOverWhereverItIsCut) {
  constexpr std::uint32_t small = 100;
  const std::string large = ScriptedPeer::delivery(FrameKind::message, "s", "", std::string(70'000, 'x'));
  const std::string stream =
      ScriptedPeer::delivery(FrameKind::message, "s", "", std::string(small - 2, 'a')) +
      ScriptedPeer::delivery(FrameKind::message, "s", "", std::string(small - 1, 'x')) + large + large +
      ScriptedPeer::delivery(FrameKind::message, "s", "", "after");
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, SIZE_MAX}) {
    Session session("app", small);
    Feeder feeder(session);
    ASSERT_TRUE(feeder.feed(handshake() + stream, step)) << step;
    ASSERT_EQ(feeder.batch.frames.size(), 2U) << step;
    EXPECT_EQ(feeder.batch.frames[0].text(), std::string(small - 2, 'a'));
    EXPECT_EQ(feeder.batch.frames[1].text(), "after");
    EXPECT_EQ(feeder.batch.oversized, 3U) << step;
    EXPECT_EQ(feeder.batch.oversized_bytes, large.size()) << step;
    EXPECT_LE(feeder.largest_room, limits::read_chunk_bytes) << "it takes no memory";
  }
}

TEST(Session, ALyingLengthAllocatesOnlyAsBytesArrive) {
  Session session("app", max_body);
  Feeder feeder(session);
  ASSERT_TRUE(feeder.feed(handshake()));
  // Claims 8 MiB and sends 1,000 bytes of it.
  ASSERT_TRUE(feeder.feed(std::string("\x01\x00\x00\x80\x00\x00", 6) + std::string(1000, 'x'), 100));
  EXPECT_LE(session.room().size(), FrameReader::first_chunk_bytes);
}

TEST(Session, AFrameOfMoreThanAChunkArrivesWhole) {
  std::string payload(5U << 20, 'p');
  payload.front() = 'a';
  payload.back() = 'z';
  Session session("app", max_body);
  Feeder feeder(session);
  ASSERT_TRUE(feeder.feed(handshake() + ScriptedPeer::delivery(FrameKind::message, "s", "", payload) +
                              ScriptedPeer::delivery(FrameKind::message, "s", "", "after"),
                          60'000));
  ASSERT_EQ(feeder.batch.frames.size(), 2U);
  EXPECT_EQ(feeder.batch.frames[0].text(), payload);
  EXPECT_EQ(feeder.batch.frames[1].text(), "after");
}

TEST(Session, FramesKeepTheirBytesWhileTheStreamGoesOn) {
  Session session("app", max_body);
  Feeder feeder(session);
  ASSERT_TRUE(feeder.feed(handshake()));
  std::string stream;
  for (int i = 0; i < 20'000; ++i)
    stream += ScriptedPeer::delivery(FrameKind::message, "s", "", std::to_string(i));
  ASSERT_TRUE(feeder.feed(stream, 7'001));
  ASSERT_EQ(feeder.batch.frames.size(), 20'000U);
  for (int i = 0; i < 20'000; ++i)
    ASSERT_EQ(feeder.batch.frames[static_cast<std::size_t>(i)].text(), std::to_string(i));
}

TEST(FrameReader, ReadsGrowWhileTheyFillTheirRoomAndShrinkWhenQuiet) {
  FrameReader reader(max_body);
  Batch batch;
  const std::string frame = ScriptedPeer::delivery(FrameKind::message, "s", "", std::string(1000, 'x'));
  std::string stream;
  while (stream.size() < (2U << 20)) stream += frame;
  for (std::size_t at = 0; at < stream.size();) {
    const auto room = reader.room();
    const std::size_t count = std::min(room.size(), stream.size() - at);
    std::memcpy(room.data(), stream.data() + at, count);
    reader.commit(count);
    ASSERT_TRUE(reader.decode(batch));
    at += count;
  }
  EXPECT_EQ(reader.chunk_bytes(), limits::read_chunk_bytes);
  EXPECT_EQ(batch.frames.size(), stream.size() / frame.size());
  reader.shrink();
  EXPECT_EQ(reader.chunk_bytes(), FrameReader::first_chunk_bytes);
  EXPECT_EQ(reader.room().size(), FrameReader::first_chunk_bytes);
}

/// Reads a stream `step` bytes at a time, and counts what is moved when room() gives other memory.
struct CountedReads {
  FrameReader reader{max_body};
  std::size_t moved = 0;   ///< bytes
  std::size_t frames = 0;  ///< decoded

  void read(std::string_view stream, std::size_t step) {
    Batch batch;
    const std::byte* next = nullptr;
    while (!stream.empty()) {
      const auto room = reader.room();
      if (room.data() != next) moved += reader.unread().size();
      const std::size_t count = std::min({step, stream.size(), room.size()});
      std::memcpy(room.data(), stream.data(), count);
      stream.remove_prefix(count);
      next = room.data() + count;
      reader.commit(count);
      ASSERT_TRUE(reader.decode(batch));
      frames += batch.frames.size();
      batch.clear();
    }
  }
};

TEST(FrameReader, MovesAByteAtMostThreeTimesOnAverageHoweverSmallTheReadsAre) {
  for (const std::size_t payload :
       {10U, 1000U, 13'000U, 16'300U, 60'000U, 200'000U, 262'100U, 300'000U, 3'000'000U, 8'000'000U}) {
    const std::string frame = ScriptedPeer::delivery(FrameKind::message, "s", "", std::string(payload, 'x'));
    std::string stream;
    while (stream.size() < max_body) stream += frame;
    for (const std::size_t step : {100U, 1460U, 16'384U, 60'000U, 300'000U}) {
      CountedReads counted;
      ASSERT_NO_FATAL_FAILURE(counted.read(stream, step));
      EXPECT_EQ(counted.frames, stream.size() / frame.size());
      EXPECT_LE(counted.moved, 3 * stream.size()) << payload << " in steps of " << step;
    }
  }
}

TEST(FrameReader, FramesMayBeReleasedOnAnotherThreadWhileReadingGoesOn) {
  const std::string frame = ScriptedPeer::delivery(FrameKind::message, "s", "", std::string(100, 'x'));
  FrameReader reader(max_body);
  std::jthread releaser;
  for (int round = 0; round < 2'000; ++round) {
    Batch batch;
    const auto room = reader.room();
    ASSERT_GE(room.size(), frame.size());
    std::memcpy(room.data(), frame.data(), frame.size());
    reader.commit(frame.size());
    ASSERT_TRUE(reader.decode(batch));
    ASSERT_EQ(batch.frames.size(), 1U);
    if (round % 100 == 0) {
      releaser =
          std::jthread([frames = std::move(batch.frames)] { EXPECT_EQ(frames[0].payload().size(), 100U); });
    }
  }
}

std::vector<Frame> frames_of(std::initializer_list<std::string_view> payloads) {
  std::vector<Frame> frames;
  for (const auto payload : payloads)
    frames.emplace_back(FrameKind::message, false, "s", "", as_bytes(payload), nullptr);
  return frames;
}

TEST(FrameQueue, KeepsOrderAcrossBatchesAndIsFullAtItsLimits) {
  FrameQueue queue(4, 1000);
  auto first = frames_of({"1", "2"});
  queue.push(first, 4);
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(queue.pop().text(), "1");
  auto second = frames_of({"3", "4", "5"});
  queue.push(second, 6);
  EXPECT_TRUE(queue.full());
  EXPECT_FALSE(queue.has_room());
  EXPECT_EQ(queue.pop().text(), "2");
  const auto rest = queue.take_all();
  ASSERT_EQ(rest.size(), 3U);
  EXPECT_EQ(rest[0].text(), "3");
  EXPECT_TRUE(queue.empty());
  EXPECT_TRUE(queue.has_room());
}

TEST(FrameQueue, IsFullByBytesAsWell) {
  FrameQueue queue(100, 10);
  auto large = frames_of({"0123456789"});
  queue.push(large, 11);
  EXPECT_TRUE(queue.full());
  (void)queue.pop();
  EXPECT_FALSE(queue.full());
}

}  // namespace
}  // namespace busrt::detail
