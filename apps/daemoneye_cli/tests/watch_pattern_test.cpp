#include "watch_pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace daemoneye_cli {
namespace {

TEST(WatchPattern, OneThatCannotBeSubscribedToIsNamed) {
  EXPECT_EQ(pattern_problem("events.*"), "");
  EXPECT_EQ(pattern_problem(""), "is empty");
  EXPECT_NE(pattern_problem(std::string(5000, 'x')), "");
  EXPECT_NE(pattern_problem("\xff"), "");
}

}  // namespace
}  // namespace daemoneye_cli
