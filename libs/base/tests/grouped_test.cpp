#include "busrt/base/grouped.hpp"

#include <gtest/gtest.h>

namespace busrt::base {
namespace {

TEST(Grouped, DigitsStandInGroupsOfThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(grouped(1234567, '_'), "1_234_567");
}

}  // namespace
}  // namespace busrt::base
