// What becomes of an operation from its call to its ack: room, window, order, lost connections, drain.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "busrt/frame.hpp"
#include "client/request_encoding.hpp"
#include "client/send_path.hpp"
#include "completions.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {
namespace {

using TimePoint = SendPath::TimePoint;
using std::chrono::seconds;

class SendPathTest : public testing::Test {
 protected:
  PendingOperation operation(std::string_view payload, QoS qos = QoS::processed) {
    auto frame = encode_request(Op::publish, qos, "t", {}, {}, as_bytes(payload), config.max_body_bytes);
    return {std::move(*frame),        qos, Repeat::if_lost, 0, TimePoint() + seconds(10), path.next_ticket(),
            completions.into(results)};
  }
  static std::size_t body_bytes(std::string_view payload) {
    return wire::request_body_bytes(Op::publish, "t", {}, payload.size());
  }
  /// As the owner does: begins at once, or waits.
  void submit(PendingOperation pending) {
    if (path.may_begin_now(pending)) {
      path.begin(std::move(pending));
    } else {
      path.wait(std::move(pending));
    }
  }
  /// The payloads that are queued, in order.
  std::vector<std::string> queued() {
    std::vector<std::string> payloads;
    auto bytes = std::as_const(path.buffer()).queued().data();
    wire::Request request;
    for (;;) {
      const auto decoded = wire::decode_request(bytes, config.max_body_bytes, request);
      if (decoded.status != wire::Decoded::Status::complete) return payloads;
      payloads.emplace_back(as_text(request.payload));
      last_id = request.op_id;
      bytes = bytes.subspan(decoded.size);
    }
  }
  /// Everything that is queued goes to the connection.
  void write_all() {
    writing.clear();
    path.buffer().take(writing);
    static_cast<void>(path.buffer().expose(writing));
    path.buffer().wrote(writing.size());
  }

  ClientConfig config{.outgoing_bytes = 64, .window_frames = 2};
  ClientStats stats;
  Completions completions;
  std::vector<Result<>> results;
  SendPath path{config, stats};
  base::ByteBuffer writing;
  std::uint32_t last_id = 0;
};

TEST_F(SendPathTest, AnOperationWithoutAckIsCompleteInTheBuffer) {
  path.connection_up();
  submit(operation("a", QoS::no));
  completions.run();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(queued(), std::vector<std::string>{"a"});
  EXPECT_EQ(path.operations(), 0U);
  EXPECT_EQ(stats.frames_out, 1U);
}

TEST_F(SendPathTest, TheWindowBoundsWhatIsNotAcknowledgedAndAnAckMakesRoom) {
  path.connection_up();
  for (const char* payload : {"a", "b", "c"}) submit(operation(payload));
  EXPECT_EQ(queued(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(path.unacknowledged(), 2U);
  EXPECT_EQ(path.operations(), 3U);
  write_all();
  const auto entry = path.acknowledged(last_id);
  ASSERT_TRUE(entry);
  EXPECT_FALSE(path.acknowledged(last_id));
  path.pump();
  EXPECT_EQ(queued(), std::vector<std::string>{"c"});
}

TEST_F(SendPathTest, NoFrameOvertakesOneThatWaits) {
  path.connection_up();
  submit(operation(std::string(60, 'a'), QoS::no));
  submit(operation("b", QoS::no));
  EXPECT_EQ(queued().size(), 1U);
  // There would be room for it, but it stands behind the other.
  EXPECT_FALSE(path.try_send(Op::publish, "t", {}, QoS::no, body_bytes("")));
  EXPECT_FALSE(path.has_room_for_more(Room::buffer));
  write_all();
  path.pump();
  EXPECT_EQ(queued(), std::vector<std::string>{"b"});
  EXPECT_TRUE(path.try_send(Op::publish, "t", as_bytes("c"), QoS::no, body_bytes("c")));
  EXPECT_EQ(queued(), (std::vector<std::string>{"b", "c"}));
}

TEST_F(SendPathTest, WhatIsNotAcknowledgedGoesOutAgainOnTheNextConnection) {
  path.connection_up();
  submit(operation("a"));
  write_all();
  EXPECT_EQ(path.drop_connection(&std::as_const(writing), ClientLoss::unacked_cut).frames, 0U);
  EXPECT_TRUE(path.suspend(SendPath::Link::resuming, path.buffer().exposed()).empty());
  // A new one begins without a connection, behind it.
  submit(operation("b"));
  EXPECT_TRUE(queued().empty());
  path.connection_up();
  path.pump();
  EXPECT_EQ(queued(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(stats.resent, 1U);
}

TEST_F(SendPathTest, FramesWithoutAckThatWereNotWrittenAreCountedByTheirCause) {
  path.connection_up();
  submit(operation("a", QoS::no));
  path.buffer().take(writing);
  submit(operation("b", QoS::no));
  EXPECT_EQ(path.drop_connection(&std::as_const(writing), ClientLoss::unacked_cut).frames, 2U);
  EXPECT_EQ(stats.lost_by(ClientLoss::unacked_cut), 2U);
  EXPECT_GT(stats.unsent_bytes, 0U);
  EXPECT_EQ(path.buffer().outgoing_bytes(), 0U);
}

TEST_F(SendPathTest, AnOperationThatIsNeverRepeatedEndsWithItsConnection) {
  path.connection_up();
  auto once = operation("a");
  once.repeat = Repeat::never;
  submit(std::move(once));
  write_all();
  path.drop_connection(&std::as_const(writing), ClientLoss::unacked_cut);
  path.fail_suspended(path.suspend(SendPath::Link::resuming, 0), {errc::io, "reset"});
  completions.run();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].error().message, "sent, and not confirmed before the connection was lost: reset");
  EXPECT_EQ(stats.lost_by(ClientLoss::cut_once), 1U);
}

TEST_F(SendPathTest, ADeadlineEndsWhatWasSentAndWhatWaits) {
  path.connection_up();
  for (const char* payload : {"a", "b", "c"}) submit(operation(payload));
  EXPECT_EQ(path.next_deadline(), TimePoint() + seconds(10));
  path.expire(TimePoint() + seconds(10));
  completions.run();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].error().code, errc::timeout);
  EXPECT_EQ(results[2].error().code, errc::not_sent);
  EXPECT_EQ(stats.lost_by(ClientLoss::expired), 2U);
  EXPECT_EQ(stats.lost_by(ClientLoss::expired_unsent), 1U);
}

TEST_F(SendPathTest, ACancelledOperationEndsOnce) {
  path.connection_up();
  auto pending = operation("a");
  const auto ticket = pending.ticket;
  submit(std::move(pending));
  EXPECT_TRUE(path.cancel(ticket));
  EXPECT_FALSE(path.cancel(ticket));
  completions.run();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].error().code, std::make_error_code(std::errc::operation_canceled));
  EXPECT_EQ(stats.lost_by(ClientLoss::cancelled), 1U);
}

TEST_F(SendPathTest, ADrainEndsWithTheAckOfAProbeBehindFramesWithoutAck) {
  std::vector<Result<>> drained;
  path.connection_up();
  submit(operation("a", QoS::no));
  path.begin_drain(TimePoint() + seconds(1), completions.into(drained));
  EXPECT_EQ(queued(), (std::vector<std::string>{"a", ".busrt/drain"}));
  write_all();
  EXPECT_FALSE(path.drained());
  ASSERT_TRUE(path.acknowledged(last_id));
  EXPECT_TRUE(path.drained());
  path.finish_drain({errc::closed}, path.operations());
  completions.run();
  ASSERT_EQ(drained.size(), 1U);
  EXPECT_TRUE(drained[0]);
}

TEST_F(SendPathTest, ADrainThatLosesItsConnectionCountsFramesOfUnknownFate) {
  std::vector<Result<>> drained;
  path.connection_up();
  submit(operation("a", QoS::no));
  path.begin_drain(TimePoint() + seconds(1), completions.into(drained));
  write_all();
  path.drop_connection(&std::as_const(writing), ClientLoss::unacked_cut);
  EXPECT_EQ(stats.unknown_frames, 1U);
  EXPECT_EQ(path.operations(), 0U);
  path.finish_drain({errc::closed}, 0);
  completions.run();
  ASSERT_EQ(drained.size(), 1U);
  EXPECT_EQ(drained[0].error().message,
            "0 bytes not written, 0 operations and 1 frames without ack not confirmed");
}

TEST_F(SendPathTest, TheEndOfTheClientTellsWhatWasSentFromWhatWasNot) {
  path.connection_up();
  for (const char* payload : {"a", "b", "c"}) submit(operation(payload));
  path.fail_all({errc::io, "gone"}, {errc::io, "gone before it confirmed"});
  completions.run();
  ASSERT_EQ(results.size(), 3U);
  EXPECT_EQ(results[0].error().message, "gone before it confirmed");
  EXPECT_EQ(results[2].error().code, errc::not_sent);
  EXPECT_EQ(stats.lost_by(ClientLoss::given_up), 2U);
  EXPECT_EQ(stats.lost_by(ClientLoss::given_up_unsent), 1U);
  EXPECT_EQ(path.link(), SendPath::Link::down);
}

TEST_F(SendPathTest, CreditComesWithAHalfEmptyWindow) {
  path.connection_up();
  submit(operation("a"));
  submit(operation("b"));
  EXPECT_FALSE(path.has_room_for_more(Room::credit));
  static_cast<void>(queued());
  ASSERT_TRUE(path.acknowledged(last_id));
  EXPECT_TRUE(path.has_room_for_more(Room::credit));
}

}  // namespace
}  // namespace busrt::detail
