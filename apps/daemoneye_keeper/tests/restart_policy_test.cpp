#include "restart_policy.hpp"

#include <gtest/gtest.h>

namespace daemoneye_keeper {
namespace {

using namespace std::chrono_literals;

TEST(RestartPolicy, WaitsLongerEachTimeAndThenGivesUp) {
  RestartPolicy policy;
  const RestartPolicy::Clock::time_point begin{};
  EXPECT_EQ(policy.died(begin, 1s), 100ms);
  EXPECT_EQ(policy.died(begin, 1s), 200ms);
  for (std::size_t i = 2; i < RestartPolicy::most; ++i) EXPECT_TRUE(policy.died(begin, 1s));
  EXPECT_FALSE(policy.died(begin, 1s));
  EXPECT_TRUE(policy.died(begin + RestartPolicy::window, 1s)) << "the window slides";
}

TEST(RestartPolicy, OneThatRanForLongComesBackAtOnce) {
  RestartPolicy policy;
  const RestartPolicy::Clock::time_point begin{};
  for (int i = 0; i < 5; ++i) static_cast<void>(policy.died(begin, 1s));
  EXPECT_EQ(policy.died(begin, RestartPolicy::stable), 100ms);
}

}  // namespace
}  // namespace daemoneye_keeper
