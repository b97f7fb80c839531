// When a receiver that holds publishers stalls: by what it takes in a stall limit, not by the room it has
// made.
#include <gtest/gtest.h>

#include "broker/stall.hpp"

namespace busrt::broker {
namespace {

using namespace std::chrono_literals;
using TimePoint = StallPeriod::Clock::time_point;

constexpr std::uint64_t rate = limits::least_receive_rate;

TEST(StallPeriod, is_over_after_the_limit_and_not_before) {
  StallPeriod period;
  const TimePoint start = TimePoint() + 100s;
  period.begin(start, 0);
  EXPECT_FALSE(period.over(start + 10s, 10s));
  EXPECT_TRUE(period.over(start + 10s + 1ms, 10s));
  period.extend(5s);
  EXPECT_FALSE(period.over(start + 15s, 10s)) << "the loop was late, not the receiver";
}

TEST(StallPeriod, a_receiver_keeps_up_at_the_least_rate_and_not_below) {
  StallPeriod period;
  const TimePoint start = TimePoint() + 100s;
  constexpr std::uint64_t before = 12'345'678'901;
  period.begin(start, before);
  EXPECT_TRUE(period.kept_up(start + 10s, before + 10 * rate));
  EXPECT_FALSE(period.kept_up(start + 10s, before + 9 * rate));
  EXPECT_FALSE(period.kept_up(start + 10s, before + 1)) << "a byte now and then is no progress";
  EXPECT_FALSE(period.kept_up(start + 10s, before));
  EXPECT_FALSE(period.kept_up(start, before)) << "nor is nothing, however short the limit";
  EXPECT_TRUE(period.kept_up(start, before + 1));
}

}  // namespace
}  // namespace busrt::broker
