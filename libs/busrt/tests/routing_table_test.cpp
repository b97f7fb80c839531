// What the subscription table keeps, changes and gives back.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "busrt/limits.hpp"
#include "routing/subscription_table.hpp"

namespace busrt::routing {
namespace {

using Ids = std::vector<SubscriberId>;

Ids match(const SubscriptionTable& table, std::string_view topic) {
  Ids out;
  table.match(topic, out);
  return out;
}

TEST(SubscriptionTable, an_empty_one_matches_nothing) {
  const SubscriptionTable table;
  EXPECT_EQ(match(table, "a"), Ids{});
  EXPECT_EQ(match(table, ""), Ids{});
  EXPECT_EQ(table.subscriptions(), 0U);
  EXPECT_EQ(table.patterns_of(1), 0U);
}

TEST(SubscriptionTable, delivers_once_when_several_patterns_match) {
  SubscriptionTable table;
  for (const char* pattern : {"a/b", "a/+", "a/#", "+/b", "+/+", "#", "*", "?", "+/#"}) {
    EXPECT_TRUE(table.subscribe(1, pattern)) << pattern;
  }
  EXPECT_EQ(match(table, "a/b"), Ids{1});
  EXPECT_EQ(table.patterns_of(1), 9U);
  EXPECT_EQ(table.subscriptions(), 9U);
}

TEST(SubscriptionTable, appends_sorted_and_unique_after_what_was_there) {
  SubscriptionTable table;
  for (const SubscriberId id : {9U, 3U, 7U, 1U}) table.subscribe(id, "a/+");
  for (const SubscriberId id : {8U, 3U, 9U}) table.subscribe(id, "a/b");
  table.subscribe(2, "#");
  Ids out{9, 9, 1};
  table.match("a/b", out);
  EXPECT_EQ(out, (Ids{9, 9, 1, 1, 2, 3, 7, 8, 9}));
}

TEST(SubscriptionTable, says_whether_anything_changed) {
  SubscriptionTable table;
  EXPECT_TRUE(table.subscribe(1, "a/+"));
  EXPECT_FALSE(table.subscribe(1, "a/+"));
  EXPECT_TRUE(table.subscribe(2, "a/+"));
  EXPECT_FALSE(table.unsubscribe(3, "a/+"));
  EXPECT_FALSE(table.unsubscribe(1, "a/b"));
  EXPECT_FALSE(table.unsubscribe(1, "a"));
  EXPECT_TRUE(table.unsubscribe(1, "a/+"));
  EXPECT_FALSE(table.unsubscribe(1, "a/+"));
  EXPECT_EQ(match(table, "a/x"), Ids{2});
  EXPECT_EQ(table.subscriptions(), 1U);
}

TEST(SubscriptionTable, spellings_of_one_meaning_are_one_pattern) {
  SubscriptionTable table;
  EXPECT_TRUE(table.subscribe(1, "a/#/b"));
  EXPECT_FALSE(table.subscribe(1, "a/#"));
  EXPECT_FALSE(table.subscribe(1, "a/#/c/#"));
  EXPECT_EQ(table.subscriptions(), 1U);
  EXPECT_TRUE(table.unsubscribe(1, "a/#/x"));
  EXPECT_EQ(match(table, "a/b"), Ids{});

  EXPECT_TRUE(table.subscribe(1, "a.*"));
  EXPECT_FALSE(table.subscribe(1, "a.*.b"));
  EXPECT_TRUE(table.unsubscribe(1, "a.*.c.?"));
  EXPECT_EQ(table.subscriptions(), 0U);
}

TEST(SubscriptionTable, patterns_of_different_meaning_stay_apart) {
  SubscriptionTable table;
  const std::vector<const char*> patterns{"#",   "*", "+",  "?",  "a/#", "a.*", "a/+",
                                          "a.?", "a", "a/", "a.", "/a",  "a//#"};
  for (const char* pattern : patterns) EXPECT_TRUE(table.subscribe(1, pattern)) << pattern;
  EXPECT_EQ(table.patterns(), patterns.size());
  for (const char* pattern : patterns) EXPECT_TRUE(table.unsubscribe(1, pattern)) << pattern;
  EXPECT_EQ(table.subscriptions(), 0U);
}

TEST(SubscriptionTable, unsubscribing_one_pattern_leaves_its_prefixes_and_extensions) {
  SubscriptionTable table;
  table.subscribe(1, "a/+");
  table.subscribe(2, "a/+/c");
  table.subscribe(3, "a/+/c/+");
  table.subscribe(4, "a/+/#");
  EXPECT_TRUE(table.unsubscribe(2, "a/+/c"));
  EXPECT_EQ(match(table, "a/b"), Ids{1});
  EXPECT_EQ(match(table, "a/b/c"), Ids{4});
  EXPECT_EQ(match(table, "a/b/c/d"), (Ids{3, 4}));
  EXPECT_TRUE(table.unsubscribe(3, "a/+/c/+"));
  EXPECT_EQ(match(table, "a/b"), Ids{1});
  EXPECT_EQ(match(table, "a/b/c/d"), Ids{4});
  EXPECT_FALSE(table.unsubscribe(1, "a")) << "a node on the way to others is no pattern";
}

TEST(SubscriptionTable, remove_takes_all_of_one_subscriber_and_nothing_else) {
  SubscriptionTable table;
  for (const SubscriberId id : {1U, 2U}) {
    for (const char* pattern : {"a", "a/+", "a/#", "x.?", "#"}) table.subscribe(id, pattern);
  }
  table.remove(1);
  table.remove(1);
  table.remove(99);
  EXPECT_EQ(table.patterns_of(1), 0U);
  EXPECT_EQ(table.patterns_of(2), 5U);
  EXPECT_EQ(table.subscriptions(), 5U);
  EXPECT_EQ(match(table, "a/b"), Ids{2});
  EXPECT_TRUE(table.subscribe(1, "a")) << "a number may come back";
  EXPECT_EQ(match(table, "a"), (Ids{1, 2}));
}

TEST(SubscriptionTable, frees_every_node_that_served_a_removed_pattern_alone) {
  SubscriptionTable table;
  table.subscribe(1, "keep/+");
  const std::size_t before = table.nodes();
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    table.subscribe(2, "keep/" + n + "/+/deep/" + n + "/#");
    table.subscribe(2, "exact/" + n);
    table.subscribe(2, "dotted." + n + ".?.x");
  }
  EXPECT_EQ(table.patterns(), 3001U);
  table.remove(2);
  EXPECT_EQ(table.nodes(), before);
  EXPECT_EQ(match(table, "keep/1"), Ids{1});
  table.remove(1);
  EXPECT_EQ(table.nodes(), 0U);
  EXPECT_EQ(table.patterns(), 0U);
}

TEST(SubscriptionTable, keeps_thousands_of_subscribers_of_one_pattern_in_order) {
  SubscriptionTable table;
  constexpr SubscriberId count = 5000;
  for (SubscriberId i = 0; i < count; ++i) table.subscribe((i * 7919) % count, "news/#");
  Ids all;
  for (SubscriberId i = 0; i < count; ++i) all.push_back(i);
  EXPECT_EQ(match(table, "news/today"), all);
  for (SubscriberId i = 1; i < count; ++i) table.remove(i);
  EXPECT_EQ(match(table, "news/today"), Ids{0});
}

TEST(SubscriptionTable, refuses_a_pattern_that_pattern_problem_refuses) {
  SubscriptionTable table;
  EXPECT_FALSE(table.subscribe(1, "\xFF"));
  EXPECT_FALSE(table.subscribe(1, std::string(limits::max_topic_bytes + 1, 'a')));
  EXPECT_FALSE(table.subscribe(1, std::string(limits::max_topic_segments, '/')));
  EXPECT_EQ(table.subscriptions(), 0U);
  EXPECT_EQ(table.nodes(), 0U);
}

TEST(SubscriptionTable, matches_at_the_deepest_level_and_topics_beyond_it) {
  SubscriptionTable table;
  std::string plus = "+";
  std::string literal = "a";
  for (std::size_t i = 1; i < limits::max_topic_segments; ++i) {
    plus += "/+";
    literal += "/a";
  }
  ASSERT_TRUE(table.subscribe(1, plus));
  ASSERT_TRUE(table.subscribe(2, literal.substr(0, literal.size() - 1) + "#"));
  ASSERT_TRUE(table.subscribe(3, "#"));
  ASSERT_TRUE(table.subscribe(4, plus.substr(0, plus.size() - 1) + "a"));
  EXPECT_EQ(match(table, literal), (Ids{1, 2, 3, 4}));
  // Longer than any topic that the broker lets in; the table still answers by the rules.
  EXPECT_EQ(match(table, literal + "/a"), (Ids{2, 3}));
  EXPECT_EQ(match(table, std::string(100000, '/')), Ids{3});
}

TEST(SubscriptionTable, a_bush_of_single_wildcards_is_walked_node_by_node) {
  // All 2^12 patterns of 'a' and '+' match the one topic; a walk that met a node twice would square that.
  SubscriptionTable table;
  constexpr unsigned depth = 12;
  for (unsigned bits = 0; bits < 1U << depth; ++bits) {
    std::string pattern;
    for (unsigned level = 0; level < depth; ++level) pattern += (bits >> level & 1U) != 0 ? "+/" : "a/";
    table.subscribe(bits, pattern + "#");
  }
  EXPECT_EQ(match(table, "a/a/a/a/a/a/a/a/a/a/a/a/end").size(), std::size_t{1} << depth);
  EXPECT_EQ(match(table, "b/a/a/a/a/a/a/a/a/a/a/a/end").size(), std::size_t{1} << (depth - 1));
  EXPECT_EQ(match(table, "a/a/a/a/a/a/a/a/a/a/a/a").size(), 0U);
}

TEST(SubscriptionTable, texts_of_every_length_hash_and_compare) {
  SubscriptionTable table;
  std::string text;
  for (SubscriberId size = 0; size < 300; ++size, text += 'a') {
    ASSERT_TRUE(table.subscribe(size, text));
    ASSERT_TRUE(table.subscribe(size, text + "/+"));
  }
  text.clear();
  for (SubscriberId size = 0; size < 300; ++size, text += 'a') {
    EXPECT_EQ(match(table, text), Ids{size});
    EXPECT_EQ(match(table, text + "/x"), Ids{size});
  }
}

}  // namespace
}  // namespace busrt::routing
