// When it pays to look once more, and how soon that is given up where nothing comes.
#include <gtest/gtest.h>

#include "transport/patience.hpp"

namespace busrt::transport {
namespace {

using namespace std::chrono_literals;

int refusals(Patience& patience) {
  int count = 0;
  while (!patience.worth_waiting()) ++count;
  return count;
}

TEST(Patience, waits_as_long_as_something_comes) {
  Patience patience;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(patience.worth_waiting());
    patience.learn(true, 20us);
  }
}

TEST(Patience, is_tried_more_and_more_rarely_where_nothing_comes) {
  Patience patience;
  int last = 0;
  for (int i = 0; i < 20; ++i) {
    patience.learn(false, 1us);
    const int now = refusals(patience);
    EXPECT_GE(now, last);
    last = now;
  }
  EXPECT_EQ(last, 255) << "one try in 256 costs nothing, and never trying would miss a change";
  patience.learn(true, 20us);
  EXPECT_EQ(refusals(patience), 0) << "one success and it is back";
}

TEST(Patience, what_takes_long_to_come_is_not_worth_it) {
  Patience patience;
  patience.learn(true, 3ms);
  EXPECT_EQ(refusals(patience), 1);
}

}  // namespace
}  // namespace busrt::transport
