// Patterns mean what the broker means by them, in both notations.

#include "collector_core/topics.hpp"

#include <gtest/gtest.h>

#include <string>

namespace collector_core {
namespace {

TEST(Topics, MatchAsTheBrokerRoutes) {
  EXPECT_TRUE(topic_matches("events.*", "events.process.exec"));
  EXPECT_TRUE(topic_matches("events.?.loss", "events.process.loss"));
  EXPECT_FALSE(topic_matches("events.?.loss", "events.process.exec"));
  EXPECT_FALSE(topic_matches("events.process.exec", "control.collector.exited"));
  EXPECT_TRUE(topic_matches("news/#", "news/today"));
  EXPECT_TRUE(topic_matches("#", "events.process.exec"));
}

TEST(Topics, APatternThatCannotBeSubscribedToIsNamed) {
  EXPECT_EQ(pattern_problem("events.*"), "");
  EXPECT_EQ(pattern_problem(""), "is empty");
  EXPECT_NE(pattern_problem(std::string(5000, 'x')), "");
  EXPECT_NE(pattern_problem("\xff"), "");
}

}  // namespace
}  // namespace collector_core
