// When an ack is let wait for company, and how soon that is given up where none comes.
#include <gtest/gtest.h>

#include "broker/ack_patience.hpp"

namespace busrt::broker {
namespace {

using namespace std::chrono_literals;

int refusals(AckPatience& patience) {
  int count = 0;
  while (!patience.worth_waiting()) ++count;
  return count;
}

TEST(AckPatience, waits_as_long_as_company_comes) {
  AckPatience patience;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(patience.worth_waiting());
    patience.learn(true, 20us);
  }
}

TEST(AckPatience, is_tried_more_and_more_rarely_where_none_comes) {
  AckPatience patience;
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

TEST(AckPatience, company_that_takes_long_to_come_is_none) {
  AckPatience patience;
  patience.learn(true, 3ms);
  EXPECT_EQ(refusals(patience), 1);
}

}  // namespace
}  // namespace busrt::broker
