// One timer for all deadlines: it expires once, at the time for which it was armed last.
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "client/deadline_timer.hpp"

namespace busrt::detail {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

class DeadlineTimerTest : public testing::Test {
 protected:
  /// Counts the expiry, as an owner would handle it.
  auto count() {
    return [this] {
      timer.expired();
      ++expired;
    };
  }

  boost::asio::io_context context;
  DeadlineTimer timer{context.get_executor()};
  int expired = 0;
};

TEST_F(DeadlineTimerTest, ExpiresOnceAndIsThenArmedForNothing) {
  const auto soon = Clock::now() + 1ms;
  EXPECT_TRUE(timer.is_late_for(soon));
  timer.arm(soon, count());
  EXPECT_FALSE(timer.is_late_for(soon));
  EXPECT_FALSE(timer.is_late_for(soon + 1h));
  context.run();
  EXPECT_EQ(expired, 1);
  EXPECT_GE(Clock::now(), soon);
  EXPECT_TRUE(timer.is_late_for(soon + 1h));
}

TEST_F(DeadlineTimerTest, AnEarlierDeadlineReplacesTheLaterOne) {
  const auto later = Clock::now() + 1h;
  timer.arm(later, count());
  EXPECT_TRUE(timer.is_late_for(later - 1ms));
  timer.arm(Clock::now(), count());
  context.run();
  EXPECT_EQ(expired, 1);
}

TEST_F(DeadlineTimerTest, ACancelledOneDoesNotExpire) {
  timer.arm(Clock::now() + 1h, count());
  timer.cancel();
  context.run();
  EXPECT_EQ(expired, 0);
  EXPECT_TRUE(timer.is_late_for(Clock::now() + 1h));
}

TEST_F(DeadlineTimerTest, AnAbandonedOneIsNotArmedAgain) {
  timer.arm(Clock::now() + 1h, count());
  {
    const auto system_timer = timer.abandon();
  }
  timer.arm(Clock::now(), count());
  timer.cancel();
  context.run();
  EXPECT_EQ(expired, 0);
}

}  // namespace
}  // namespace busrt::detail
