#include "base/log_throttle.hpp"

#include <gtest/gtest.h>

namespace base {
namespace {

using std::chrono::milliseconds;

TEST(LogThrottle, lets_one_line_a_second_through) {
  LogThrottle lines;
  const auto start = LogThrottle::Clock::now();
  EXPECT_TRUE(lines.pass(start));
  EXPECT_FALSE(lines.pass(start));
  EXPECT_FALSE(lines.pass(start + milliseconds(999)));
  EXPECT_TRUE(lines.pass(start + milliseconds(1000)));
  EXPECT_FALSE(lines.pass(start + milliseconds(1999)));
  EXPECT_TRUE(lines.pass(start + milliseconds(60'000)));
  EXPECT_FALSE(lines.pass(start + milliseconds(60'001)));
}

}  // namespace
}  // namespace base
