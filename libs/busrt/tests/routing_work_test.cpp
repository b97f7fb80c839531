// What lookups cost at most, counted in steps and never in time.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "busrt/limits.hpp"
#include "routing/name_tree.hpp"
#include "routing/subscription_table.hpp"

namespace busrt::routing {
namespace {

std::size_t steps_of(const SubscriptionTable& table, std::string_view topic) {
  std::vector<SubscriberId> out;
  return table.match(topic, out);
}

std::size_t steps_of(const NameTree& tree, std::string_view mask) {
  std::vector<SubscriberId> out;
  return tree.match(mask, out);
}

/// `count` segments, a wildcard `one` where `bits` has a bit set and "a" elsewhere.
std::string arranged(std::uint64_t bits, unsigned count, char separator, char one) {
  std::string pattern;
  for (unsigned i = 0; i < count; ++i) {
    if (i != 0) pattern += separator;
    pattern += i < 64 && (bits >> i & 1U) != 0 ? one : 'a';
  }
  return pattern;
}

TEST(Work, OfAPublishGrowsWithTheShapesOfPatternsNotWithTheirNumber) {
  SubscriptionTable table;
  for (SubscriberId i = 0; i < 100'000; ++i) {
    const std::string n = std::to_string(i);
    table.subscribe(i % 100, "site/+/device/" + n + "/+");
    if (i % 10 == 0) table.subscribe(i % 100, "site/" + n + "/device/+/state");
  }
  // site, then + and the word, and behind each what is left of the topic.
  EXPECT_LE(steps_of(table, "site/50/device/50/state"), 12U);
  EXPECT_EQ(table.shapes(), 0U);
}

TEST(Work, OfPatternsWithoutWildcardsIsOneLookup) {
  SubscriptionTable table;
  for (SubscriberId i = 0; i < 100'000; ++i)
    table.subscribe(i % 100, "a/b/c/d/e/f/g/h/i/j/" + std::to_string(i));
  EXPECT_EQ(steps_of(table, "a/b/c/d/e/f/g/h/i/j/5"), 2U);
  EXPECT_EQ(steps_of(table, "a/b/c/d/e/f/g/h/i/j/none"), 0U);
}

TEST(Work, TheShapesThatAreNotLimitedAre1532) {
  SubscriptionTable table;
  for (unsigned count = 1; count <= limits::free_shape_segments; ++count) {
    for (unsigned bits = 0; bits < 1U << count; ++bits) {
      table.subscribe(1, arranged(bits, count, '/', '+'));
      table.subscribe(1, arranged(bits, count, '.', '?'));
      if (count == limits::free_shape_segments) continue;
      table.subscribe(1, arranged(bits, count, '/', '+') + "/#");
      table.subscribe(1, arranged(bits, count, '.', '?') + ".*");
    }
  }
  table.subscribe(1, "#");
  table.subscribe(1, "*");
  EXPECT_EQ(table.shapes(), 0U);
  for (const char separator : {'/', '.'}) {
    std::string topic = "a";
    for (int i = 1; i < 100; ++i) topic += separator + std::string("a");
    EXPECT_LE(steps_of(table, topic), 2 * 1532U) << "each node, and each pattern found";
  }
  EXPECT_LE(table.nodes(), 1532U + 1 + 2 * limits::free_shape_segments);
}

TEST(Work, OneOrTwoWildcardsAnywhereInSixteenSegmentsFitInOneClientsShapes) {
  SubscriptionTable table;
  for (unsigned count = 1; count <= 16; ++count) {
    for (unsigned first = 0; first < count; ++first) {
      for (unsigned second = first; second < count; ++second) {
        table.subscribe(1, arranged(1U << first | 1U << second, count, '/', '+'));
      }
    }
  }
  EXPECT_EQ(table.shapes_of(1), 703U);
  static_assert(703 < limits::client_shapes);
}

TEST(Work, EveryFrontOfMoreThanEightSegmentsIsAShape) {
  // Patterns that fit, all arrangements in order, of ten segments and of ten with a word behind them.
  for (const auto& [end, fitting] : {std::pair("", 682U), {"/z", 409U}}) {
    SubscriptionTable table;
    unsigned count = 0;
    while (table.shapes_of(1) <= limits::client_shapes) {
      // The last segment changes with each. The first pattern has wildcards alone: one without any has no
      // shape.
      unsigned bits = 0;
      for (unsigned i = 0; i < 10; ++i) bits |= ((1023U - count) >> i & 1U) << (9 - i);
      ASSERT_TRUE(table.subscribe(1, arranged(bits, 10, '/', '+') + end));
      ++count;
    }
    EXPECT_EQ(count - 1, fitting);
  }
}

TEST(Work, ShapesAreCountedOnceForAClientAndOnceForAll) {
  SubscriptionTable table;
  const std::string front = "1/2/3/4/5/6/7/8";
  EXPECT_TRUE(table.subscribe(1, front + "/+"));
  EXPECT_EQ(table.shapes_of(1), 1U);
  EXPECT_TRUE(table.subscribe(1, "8/7/6/5/4/3/2/1/+")) << "other words, the same shape";
  EXPECT_TRUE(table.subscribe(1, front + "/+/10"));
  EXPECT_EQ(table.shapes_of(1), 2U);
  EXPECT_TRUE(table.subscribe(2, "a/b/c/d/e/f/g/h/+/#"));
  EXPECT_EQ(table.shapes_of(2), 2U);
  EXPECT_EQ(table.shapes(), 3U) << "the client's and the other's share one";
  EXPECT_TRUE(table.subscribe(1, "1.2.3.4.5.6.7.8.?"));
  EXPECT_EQ(table.shapes(), 4U) << "the notations have shapes of their own";
  EXPECT_TRUE(table.unsubscribe(1, front + "/+/10"));
  EXPECT_TRUE(table.unsubscribe(1, front + "/+"));
  EXPECT_EQ(table.shapes_of(1), 2U);
  EXPECT_TRUE(table.unsubscribe(1, "8/7/6/5/4/3/2/1/+"));
  EXPECT_EQ(table.shapes_of(1), 1U);
  EXPECT_EQ(table.shapes(), 3U);
  table.remove(2);
  EXPECT_EQ(table.shapes(), 1U);
  table.remove(1);
  EXPECT_EQ(table.shapes(), 0U);
}

TEST(Work, OfRemovingASubscriberEndsWhereItsStepsDo) {
  SubscriptionTable table;
  table.subscribe(2, "kept/+");
  const std::size_t before = table.nodes();
  // Each has a hundred nodes of its own.
  for (int i = 0; i < 50; ++i) table.subscribe(1, std::to_string(i) + arranged(0, 99, '/', '+') + "/+");
  std::size_t turns = 0;
  for (bool done = false; !done; ++turns) {
    std::size_t steps = 500;
    const std::size_t nodes = table.nodes();
    done = table.remove_some(1, steps);
    EXPECT_LE(nodes - table.nodes(), 500U + limits::max_topic_segments);
    EXPECT_TRUE(done || steps == 0);
  }
  EXPECT_GE(turns, 10U);
  EXPECT_EQ(table.nodes(), before);
  EXPECT_EQ(table.shapes_of(1), 0U);
}

TEST(Work, ManySubscriptionsOfFewSubscribersAreUnitedInOrder) {
  SubscriptionTable table;
  std::vector<SubscriberId> expected;
  for (const SubscriberId id : {700U, 3U, 64U, 63U, 500U}) {
    for (unsigned bits = 0; bits < 256; ++bits) table.subscribe(id, arranged(bits, 8, '/', '+'));
  }
  std::vector<SubscriberId> out{9};
  const std::size_t steps = table.match("a/a/a/a/a/a/a/a", out);
  EXPECT_EQ(out, (std::vector<SubscriberId>{9, 3, 63, 64, 500, 700}));
  EXPECT_GE(steps, 5U * 256);
}

TEST(Work, OfAMaskIsSmallWhereItCanMatchLittle) {
  NameTree tree;
  constexpr SubscriberId names = 16'000;
  for (SubscriberId i = 0; i < names; ++i) tree.insert("client.number." + std::to_string(i), i);
  for (const char* mask : {"x1.?", "client.number.x1", "client.number.17", "?.?.x", "?.?.17", "?.?.?.x",
                           "?.?.?.*", "client.?.?.?", "x.*", "?.number.1.x"}) {
    EXPECT_LE(steps_of(tree, mask), 5U) << mask;
  }
  EXPECT_LE(steps_of(tree, "?.?.?"), 2 * names + 3) << "each is found";
}

TEST(Work, OfAMaskIsBoundedByTheNamesWhateverTheyAre) {
  NameTree tree;
  constexpr std::size_t names = 1000;
  for (SubscriberId i = 0; i < names; ++i) {
    std::string name = std::to_string(i);
    while (name.size() + 2 <= limits::max_name_bytes) name += ".a";
    tree.insert(name, i);
  }
  std::string mask = "?";
  for (std::size_t i = 1; i < limits::max_topic_segments; ++i) {
    mask += ".?";
    EXPECT_LE(steps_of(tree, mask), 2 * names * limits::indexed_name_segments + 2);
    EXPECT_LE(steps_of(tree, mask + ".*"), 2 * names * limits::indexed_name_segments + 2);
  }
}

}  // namespace
}  // namespace busrt::routing
