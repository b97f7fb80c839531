// When it pays to look once more, and how soon that is given up where nothing comes.
#include <gtest/gtest.h>

#include "transport/adaptive_spin.hpp"

namespace busrt::transport {
namespace {

using namespace std::chrono_literals;

int refusals(AdaptiveSpin& spin) {
  int count = 0;
  while (!spin.should_spin()) ++count;
  return count;
}

TEST(AdaptiveSpin, waits_as_long_as_something_comes) {
  AdaptiveSpin spin;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(spin.should_spin());
    spin.record(true, 20us);
  }
}

TEST(AdaptiveSpin, is_tried_more_and_more_rarely_where_nothing_comes) {
  AdaptiveSpin spin;
  int last = 0;
  for (int i = 0; i < 20; ++i) {
    spin.record(false, 1us);
    const int now = refusals(spin);
    EXPECT_GE(now, last);
    last = now;
  }
  EXPECT_EQ(last, 255) << "one try in 256 costs nothing, and never trying would miss a change";
  spin.record(true, 20us);
  EXPECT_EQ(refusals(spin), 0) << "one success and it is back";
}

TEST(AdaptiveSpin, what_takes_long_to_come_is_not_worth_it) {
  AdaptiveSpin spin;
  spin.record(true, 3ms);
  EXPECT_EQ(refusals(spin), 1);
}

}  // namespace
}  // namespace busrt::transport
