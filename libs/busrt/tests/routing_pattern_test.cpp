// The truth tables of topic patterns and client masks. Every row holds for the reference matcher and for the
// table, or the tree of names.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "busrt/limits.hpp"
#include "routing/name_tree.hpp"
#include "routing/pattern.hpp"
#include "routing/subscription_table.hpp"

namespace busrt::routing {
namespace {

struct Row {
  const char* pattern;
  const char* topic;
  bool matches;
};

void expect_everywhere(const Row& row) {
  SCOPED_TRACE(std::string("pattern '") + row.pattern + "', topic '" + row.topic + "'");
  EXPECT_EQ(pattern_matches(row.pattern, row.topic), row.matches);
  SubscriptionTable table;
  ASSERT_TRUE(table.subscribe(7, row.pattern));
  std::vector<SubscriberId> out;
  table.match(row.topic, out);
  EXPECT_EQ(out, row.matches ? std::vector<SubscriberId>{7} : std::vector<SubscriberId>{});
}

TEST(PathPattern, truth_table) {
  const Row rows[] = {
      // Without wildcards: the equal topic alone.
      {"unit", "unit", true},
      {"unit", "unit/a", false},
      {"unit/a", "unit/a", true},
      {"unit/a", "unit", false},
      {"unit/a", "unit/A", false},
      {"unit.a", "unit.a", true},
      {"unit.a", "unit/a", false},
      {"", "", true},
      {"", "a", false},
      {"/", "/", true},
      {"/", "", false},
      // Empty segments count.
      {"a/b", "a//b", false},
      {"a//b", "a/b", false},
      {"/a/b", "a/b", false},
      {"a/b", "/a/b", false},
      {"a//b", "a//b", true},
      {"/a/b", "/a/b", true},
      {"a/b/", "a/b", false},
      // '+' is exactly one segment, an empty one too.
      {"+", "a", true},
      {"+", "", true},
      {"+", "a/b", false},
      {"+", "a.b", true},
      {"a/+", "a/b", true},
      {"a/+", "a/", true},
      {"a/+", "a", false},
      {"a/+", "a/b/c", false},
      {"+/b", "a/b", true},
      {"+/b", "/b", true},
      {"+/b", "b", false},
      {"a/+/c", "a/b/c", true},
      {"a/+/c", "a//c", true},
      {"a/+/c", "a/c", false},
      {"+/+", "/", true},
      {"+/+", "a", false},
      {"+/+/+/#", "a/b/c", false},
      {"+/+/+/#", "a/b/c/d", true},
      {"+/+/+/#", "a/b/c/d/e/f", true},
      // '#' is the rest, one segment or more.
      {"unit/#", "unit/a", true},
      {"unit/#", "unit/a/b", true},
      {"unit/#", "unit/", true},
      {"unit/#", "unit", false},
      {"unit/#", "units/a", false},
      {"#", "a", true},
      {"#", "", true},
      {"#", "a/b", true},
      {"#", "/", true},
      {"#", "events.process.new", true},
      {"#", ".broker/warn", true},
      {"+/#", "a/b", true},
      {"+/#", "a", false},
      {"/#", "/a", true},
      {"/#", "a", false},
      // What follows a '#' is ignored.
      {"a/#/b", "a/x", true},
      {"a/#/b", "a/x/b", true},
      {"a/#/b", "a", false},
      {"#/a", "b", true},
      {"a/#/+/#", "a/b", true},
      // A wildcard is one only as a whole segment, and only in its own notation.
      {"a+", "a+", true},
      {"a+", "ab", false},
      {"a/b#", "a/bc", false},
      {"a/b#", "a/b#", true},
      {"a/?", "a/b", false},
      {"a/?", "a/?", true},
      {"a/*", "a/b", false},
      {"a/*", "a/*", true},
      {"a.b/*.?", "a.b/*.?", true},
      {"a.b/*.?", "a.b/c.d", false},
      {"a.+", "a.b", false},
      {"a.#", "a.b", false},
      {"a.#", "a.#", true},
      {"a/+.b", "a/x.b", false},
      {"a.b/+", "a.b/c", true},
  };
  for (const Row& row : rows) expect_everywhere(row);
}

TEST(DottedPattern, truth_table) {
  const Row rows[] = {
      {"events.process.*", "events.process.new", true},
      {"events.process.*", "events.process.a.b", true},
      {"events.process.*", "events.process.", true},
      {"events.process.*", "events.process", false},
      {"events.process.*", "events.network.new", false},
      {"events.?.new", "events.process.new", true},
      {"events.?.new", "events..new", true},
      {"events.?.new", "events.new", false},
      {"events.?.new", "events.a.b.new", false},
      {"?", "a", true},
      {"?", "", true},
      {"?", "a.b", false},
      {"?.b", "a.b", true},
      {"*", "a", true},
      {"*", "", true},
      {"*", "a.b", true},
      {"*", "a/b", true},
      {"*", ".broker/warn", true},
      {"?.*", "a.b.c", true},
      {"?.*", "a", false},
      // The topic is cut at dots, whatever else it holds.
      {"?", "a/b", true},
      {"a.?", "a.b/c", true},
      {"a.*", "a.b/c.d", true},
      {"a.*", "a/b.c", false},
      {".?", ".broker/warn", true},
      // What follows a '*' is ignored.
      {"a.*.b", "a.x", true},
      {"a.*.b", "a", false},
      {"*.a", "b", true},
      // A wildcard is one only as a whole segment; the other notation's are literals.
      {"a*", "ab", false},
      {"a*", "a*", true},
      {"a.b?", "a.bc", false},
      {"a.?.b*", "a.x.b*", true},
      {"a.?.b*", "a.x.bc", false},
      {"+.?", "+.a", true},
      {"+.?", "x.a", false},
      {"#.?", "#.a", true},
      {"#.?", "x.a", false},
      {"a..?", "a..b", true},
      {"a..?", "a.b", false},
  };
  for (const Row& row : rows) expect_everywhere(row);
}

TEST(Notation, follows_from_the_shape_of_the_pattern) {
  for (const char* dotted : {"*", "?", "a.*", "?.b", "a.?.c", "a.*.b", ".?", "?.", "+.*", "#.?"}) {
    EXPECT_EQ(notation_of(dotted), Notation::dotted) << dotted;
  }
  for (const char* path : {"", "a", "a.b", "#", "+", "a/b", "a/*", "*/a", "a.*/b", "?/?", "a*", "a.b*",
                           "?a.b", "**", "a.+", "a.#", "/"}) {
    EXPECT_EQ(notation_of(path), Notation::path) << path;
  }
}

TEST(ClientMask, truth_table) {
  const Row rows[] = {
      {"alice", "alice", true},
      {"alice", "bob", false},
      {"alice", "alice.1", false},
      {"*", "alice", true},
      {"*", "a.b.c", true},
      {"?", "alice", true},
      {"?", "a.b", false},
      {"app.*", "app.one", true},
      {"app.*", "app.one.two", true},
      {"app.*", "app", false},
      {"app.?", "app.one", true},
      {"app.?", "app.one.two", false},
      {"app.?.worker", "app.x.worker", true},
      {"app.?.worker", "app.x.y.worker", false},
      {"app.*.worker", "app.x", true},
      {"?.*", "a", false},
      {"app*", "apple", false},
      {"#", "alice", false},
      {"+", "alice", false},
      {"a/*", "a/b", false},
      {"worker%%?", "worker%%1", false},
      {"worker%%1", "worker%%1", true},
      {"", "", true},
      {"", "a", false},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string("mask '") + row.pattern + "', name '" + row.topic + "'");
    EXPECT_EQ(mask_matches(row.pattern, row.topic), row.matches);
    NameTree tree;
    tree.insert(row.topic, 7);
    std::vector<SubscriberId> out;
    tree.match(row.pattern, out);
    EXPECT_EQ(out, row.matches ? std::vector<SubscriberId>{7} : std::vector<SubscriberId>{});
  }
}

std::string topic_of(std::size_t count, char separator) {
  std::string text = "a";
  for (std::size_t i = 1; i < count; ++i) text.append(1, separator).append("a");
  return text;
}

TEST(PatternProblem, is_null_for_what_may_be_routed) {
  for (const std::string& text : {std::string(), std::string("a/b"), std::string("#"), std::string(4096, 'a'),
                                  topic_of(128, '/'), topic_of(128, '.'), std::string("\xD0\xB8/+")}) {
    EXPECT_EQ(pattern_problem(text), nullptr) << text;
    EXPECT_EQ(topic_problem(text), nullptr) << text;
  }
}

TEST(PatternProblem, names_what_is_wrong) {
  const std::string long_text(limits::max_topic_bytes + 1, 'a');
  EXPECT_STREQ(pattern_problem(long_text), "the topic pattern is longer than 4096 bytes");
  EXPECT_STREQ(topic_problem(long_text), "the topic is longer than 4096 bytes");
  EXPECT_STREQ(pattern_problem("a/\xFF"), "the topic pattern is not valid UTF-8");
  EXPECT_STREQ(topic_problem("a/\xFF"), "the topic is not valid UTF-8");
  EXPECT_STREQ(pattern_problem(std::string_view("a\0b", 3)), "the topic pattern holds a NUL");
  EXPECT_STREQ(topic_problem(std::string_view("a\0b", 3)), "the topic holds a NUL");
  for (const char separator : {'/', '.'}) {
    const std::string deep = topic_of(limits::max_topic_segments + 1, separator);
    EXPECT_STREQ(pattern_problem(deep), "the topic pattern has more than 128 segments");
    EXPECT_STREQ(topic_problem(deep), "the topic has more than 128 segments");
  }
}

}  // namespace
}  // namespace busrt::routing
