// The names on the bus.
#include "daemoneye/events/topics.hpp"

#include <gtest/gtest.h>

namespace daemoneye::events {
namespace {

TEST(TopicNames, AreMadeOfTheirRoots) {
  EXPECT_EQ(topics::of_event("process", "exec"), "events.process.exec");
  EXPECT_EQ(topics::of_health("procmond"), "health.procmond");
  EXPECT_EQ(topics::of_collector_news("exited"), "control.collector.exited");
}

TEST(TopicNames, AWordIsOneSegmentInEitherNotation) {
  EXPECT_TRUE(is_topic_word("Proc_mond-2"));
  EXPECT_TRUE(is_topic_word(std::string(word_bytes, 'x')));
  EXPECT_FALSE(is_topic_word(std::string(word_bytes + 1, 'x')));
  for (const auto* const text : {"", "a.b", "a/b", "?", "*", "a b", "\xC3\xBC"})
    EXPECT_FALSE(is_topic_word(text));
}

TEST(TopicNames, AgentAndCollectorAreReserved) {
  EXPECT_TRUE(is_reserved_name("agent"));
  EXPECT_TRUE(is_reserved_name("collector"));
  EXPECT_FALSE(is_reserved_name("procmond"));
}

}  // namespace
}  // namespace daemoneye::events
