// Operations and callers that wait for room, and the drain that waits for the last of them.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "busrt/limits.hpp"
#include "client/drain.hpp"
#include "client/room_waiters.hpp"
#include "client/waiting_operations.hpp"
#include "completions.hpp"

namespace busrt::detail {
namespace {

using TimePoint = std::chrono::steady_clock::time_point;
using std::chrono::seconds;

PendingOperation operation(std::uint64_t ticket, QoS qos = QoS::processed, seconds deadline = seconds(10)) {
  PendingOperation made;
  made.frame.append(std::string(10, 'x'));
  made.qos = qos;
  made.deadline = TimePoint() + deadline;
  made.ticket = ticket;
  return made;
}

TEST(WaitingOperations, KeepTheOrderOfTheirCallsAndCountTheirBytes) {
  WaitingOperations waiting;
  for (const std::uint64_t ticket : {1U, 2U, 3U}) waiting.add(operation(ticket));
  EXPECT_EQ(waiting.bytes(), 30U);
  EXPECT_EQ(waiting.front().ticket, 1U);
  EXPECT_EQ(waiting.take_ticket(2)->ticket, 2U);
  EXPECT_FALSE(waiting.take_ticket(2));
  EXPECT_EQ(waiting.pop().ticket, 1U);
  EXPECT_EQ(waiting.pop().ticket, 3U);
  EXPECT_TRUE(waiting.empty());
  EXPECT_EQ(waiting.bytes(), 0U);
}

TEST(WaitingOperations, AreBoundedInBytesButTakeALargeOneAlone) {
  WaitingOperations waiting;
  EXPECT_TRUE(waiting.has_room(2 * limits::client_waiting_bytes));
  waiting.add(operation(1));
  EXPECT_TRUE(waiting.has_room(limits::client_waiting_bytes - 10));
  EXPECT_FALSE(waiting.has_room(limits::client_waiting_bytes - 9));
}

TEST(WaitingOperations, AreBoundedInNumber) {
  WaitingOperations waiting;
  for (std::size_t i = 0; i < limits::client_waiting_operations; ++i) {
    ASSERT_TRUE(waiting.has_room(0));
    waiting.add({});
  }
  EXPECT_FALSE(waiting.has_room(0));
}

TEST(WaitingOperations, ThoseOverTheirDeadlineAndThoseWithoutAckAreTaken) {
  WaitingOperations waiting;
  waiting.add(operation(1, QoS::processed, seconds(1)));
  waiting.add(operation(2, QoS::no, seconds(3)));
  waiting.add(operation(3, QoS::processed, seconds(2)));
  EXPECT_EQ(waiting.next_deadline(), TimePoint() + seconds(1));
  const auto expired = waiting.take_expired(TimePoint() + seconds(1));
  ASSERT_EQ(expired.size(), 1U);
  EXPECT_EQ(expired[0].ticket, 1U);
  const auto unacked = waiting.take_unacked();
  ASSERT_EQ(unacked.size(), 1U);
  EXPECT_EQ(unacked[0].ticket, 2U);
  EXPECT_EQ(waiting.bytes(), 10U);
  EXPECT_EQ(waiting.take_all().size(), 1U);
  EXPECT_EQ(waiting.bytes(), 0U);
  EXPECT_EQ(waiting.next_deadline(), TimePoint::max());
}

TEST(RoomWaiters, EachGetsOneResultForItsOwnKindOfRoom) {
  Completions completions;
  std::vector<Result<>> results;
  RoomWaiters waiters;
  waiters.add(Room::buffer, TimePoint() + seconds(1), completions.into(results));
  waiters.add(Room::credit, TimePoint() + seconds(2), completions.into(results));
  waiters.notify([](Room) { return false; });
  completions.run();
  EXPECT_TRUE(results.empty());
  waiters.notify([](Room room) { return room == Room::credit; });
  completions.run();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_TRUE(results[0]);
  EXPECT_EQ(waiters.next_deadline(), TimePoint() + seconds(1));
  waiters.expire(TimePoint() + seconds(1));
  completions.run();
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[1].error().code, errc::timeout);
  EXPECT_TRUE(waiters.empty());
}

TEST(RoomWaiters, ALostConnectionEndsTheWaitForItsBufferAlone) {
  Completions completions;
  std::vector<Result<>> results;
  RoomWaiters waiters;
  waiters.add(Room::buffer, TimePoint::max(), completions.into(results));
  waiters.add(Room::credit, TimePoint::max(), completions.into(results));
  waiters.fail_room(Room::buffer, {errc::io, "gone"});
  completions.run();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].error().message, "gone");
  waiters.fail_all({errc::closed});
  completions.run();
  ASSERT_EQ(results.size(), 2U);
  EXPECT_EQ(results[1].error().code, errc::closed);
}

TEST(Drain, SucceedsWhenNothingWasLostAndNothingIsLeft) {
  Completions completions;
  std::vector<Result<>> results;
  Drain drain;
  EXPECT_EQ(drain.deadline(), TimePoint::max());
  drain.begin(TimePoint() + seconds(1), completions.into(results));
  EXPECT_TRUE(drain.active());
  EXPECT_EQ(drain.deadline(), TimePoint() + seconds(1));
  drain.finish({errc::closed, "disconnected"}, 0);
  completions.run();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_TRUE(results[0]);
  EXPECT_FALSE(drain.active());
}

TEST(Drain, SaysWhatWasLeftOverAllItsConnections) {
  Completions completions;
  std::vector<Result<>> results;
  Drain drain;
  drain.begin(TimePoint() + seconds(1), completions.into(results));
  drain.connection_closed(10, 1);
  drain.connection_closed(5, 2);
  drain.finish({errc::closed, "disconnected"}, 4);
  completions.run();
  ASSERT_EQ(results.size(), 1U);
  EXPECT_EQ(results[0].error().code, errc::timeout);
  EXPECT_EQ(results[0].error().message,
            "15 bytes not written, 4 operations and 3 frames without ack not confirmed");
}

}  // namespace
}  // namespace busrt::detail
