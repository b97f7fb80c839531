// Calls that wait for their replies.
#include <gtest/gtest.h>

#include "rpc/call_table.hpp"

namespace busrt::detail {
namespace {

using std::chrono::seconds;
using Table = CallTable<int>;
const Table::TimePoint start{};

TEST(CallTable, AReplyMustComeFromWhomWasCalled) {
  Table table;
  table.add(1, "worker", start + seconds(1), 10);
  EXPECT_EQ(table.take_reply(1, "impostor"), std::nullopt);
  EXPECT_EQ(table.take_reply(2, "worker"), std::nullopt);
  EXPECT_EQ(table.take_reply(1, "worker"), 10);
  EXPECT_EQ(table.take_reply(1, "worker"), std::nullopt);
}

TEST(CallTable, CallsExpireByTheirOwnDeadlinesWhateverTheirOrder) {
  Table table;
  table.add(1, "w", start + seconds(9), 1);
  table.add(2, "w", start + seconds(1), 2);
  table.add(3, "w", start + seconds(5), 3);
  EXPECT_EQ(table.next_deadline(), start + seconds(1));
  EXPECT_EQ(table.take_expired(start + seconds(5)), (std::vector<int>{2, 3}));
  EXPECT_EQ(table.next_deadline(), start + seconds(9));
  EXPECT_EQ(table.size(), 1U);
}

TEST(CallTable, AnIdUsedAgainDoesNotExpireByItsEarlierDeadline) {
  Table table;
  table.add(1, "w", start + seconds(1), 1);
  EXPECT_EQ(table.take(1), 1);
  table.add(1, "w", start + seconds(5), 2);
  EXPECT_TRUE(table.take_expired(start + seconds(3)).empty());
  EXPECT_EQ(table.take_expired(start + seconds(5)), std::vector<int>{2});
}

TEST(CallTable, AnsweredCallsDoNotPileUp) {
  Table table;
  for (std::uint32_t id = 1; id <= 100'000; ++id) {
    table.add(id, "w", start + seconds(id), 1);
    ASSERT_TRUE(table.take_reply(id, "w"));
  }
  EXPECT_EQ(table.size(), 0U);
  // The earliest deadline kept belongs to one of the last calls: the others are forgotten.
  EXPECT_GT(table.next_deadline().value_or(start), start + seconds(90'000));
}

}  // namespace
}  // namespace busrt::detail
