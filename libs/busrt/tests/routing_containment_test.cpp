// When a pattern lies within a grant: each rule by example, then random patterns against the matcher itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "routing/containment.hpp"
#include "routing/pattern.hpp"
#include "routing/segments.hpp"
#include "routing/subscription_table.hpp"

namespace busrt::routing {
namespace {

TEST(Containment, of_path_patterns) {
  EXPECT_TRUE(pattern_contains("#", "#"));
  EXPECT_TRUE(pattern_contains("#", "a/+/b"));
  EXPECT_TRUE(pattern_contains("a/#", "a/+"));
  EXPECT_TRUE(pattern_contains("a/#", "a/b/#"));
  EXPECT_TRUE(pattern_contains("a/#", "a/#/ignored"));
  EXPECT_TRUE(pattern_contains("a/+", "a/b"));
  EXPECT_TRUE(pattern_contains("a/+", "a/+"));
  EXPECT_TRUE(pattern_contains("+/+", "+/b"));
  EXPECT_FALSE(pattern_contains("a/+", "a/#")) << "what the pattern can match is wider than the grant";
  EXPECT_FALSE(pattern_contains("a/+", "a/b/c"));
  EXPECT_FALSE(pattern_contains("a/+", "a"));
  EXPECT_FALSE(pattern_contains("a/b", "a/+"));
  EXPECT_FALSE(pattern_contains("a/#", "+/b"));
  EXPECT_FALSE(pattern_contains("a/#", "#"));
  EXPECT_FALSE(pattern_contains("a/#", "a")) << "the rest is one segment or more";
  EXPECT_FALSE(pattern_contains("+/#", "#"));
  EXPECT_TRUE(pattern_contains("a/+", "a/")) << "an empty segment is one";
}

TEST(Containment, of_dotted_patterns) {
  EXPECT_TRUE(pattern_contains("events.*", "events.process.*"));
  EXPECT_TRUE(pattern_contains("events.?", "events.?"));
  EXPECT_TRUE(pattern_contains("events.*", "events.process.new")) << "a topic without wildcards";
  EXPECT_FALSE(pattern_contains("events.?", "events.*"));
  EXPECT_FALSE(pattern_contains("events.process.*", "events.*"));
  EXPECT_FALSE(pattern_contains("events.?", "events.process.new"));
}

TEST(Containment, across_notations) {
  EXPECT_TRUE(pattern_contains("#", "events.*")) << "# is everything";
  EXPECT_TRUE(pattern_contains("*", "a/#")) << "* is everything";
  EXPECT_TRUE(pattern_contains("a.*", "a.b/c/#")) << "every topic of it begins with a.";
  EXPECT_FALSE(pattern_contains("+", "events.*")) << "its rest may hold a /";
  EXPECT_FALSE(pattern_contains("?", "+")) << "its segment may hold a .";
  EXPECT_FALSE(pattern_contains("a.?", "a.b/+")) << "its segment may hold a .";
  EXPECT_FALSE(pattern_contains("a.*", "a/#"));
  EXPECT_FALSE(pattern_contains("a.*", "a/+"));
  EXPECT_FALSE(pattern_contains("events.process.new", "events.process.*"));
}

TEST(Containment, of_client_masks) {
  EXPECT_TRUE(mask_contains("*", "*"));
  EXPECT_TRUE(mask_contains("*", "a.b"));
  EXPECT_TRUE(mask_contains("collector.*", "collector.?"));
  EXPECT_TRUE(mask_contains("collector.?", "collector.a"));
  EXPECT_FALSE(mask_contains("collector.?", "collector.*"));
  EXPECT_FALSE(mask_contains("collector.*", "*"));
  EXPECT_FALSE(mask_contains("collector.*", "?.a"));
  EXPECT_FALSE(mask_contains("+", "?")) << "a mask has no + or #";
}

const std::vector<std::string> segments = {"a", "b", "", "+", "#", "?", "*"};

/// Every text of at most four of these words, with both separators. "zz" is in no pattern: it tells a
/// wildcard from a list of words.
std::vector<std::string> universe() {
  std::vector<std::string> words = {"", "a", "b", "zz"};
  std::vector<std::string> texts = words;
  std::vector<std::string> last = words;
  for (int length = 2; length <= 4; ++length) {
    std::vector<std::string> longer;
    for (const std::string& text : last) {
      for (const char separator : {'/', '.'}) {
        for (const std::string& word : words) longer.push_back(text + separator + word);
      }
    }
    texts.insert(texts.end(), longer.begin(), longer.end());
    last = std::move(longer);
  }
  return texts;
}

/// A topic that the pattern matches, its wildcards filled with words that no pattern holds, the rest with
/// `rest` of them.
std::string instance(std::string_view pattern, int rest) {
  const Alphabet& alphabet = alphabet_of(notation_of(pattern));
  SegmentReader reader(pattern, alphabet.separator);
  std::string topic;
  for (bool first = true; reader.more(); first = false) {
    const std::string_view segment = reader.next();
    if (!first) topic += alphabet.separator;
    if (!alphabet.is_one(segment) && !alphabet.is_rest(segment)) {
      topic += segment;
      continue;
    }
    topic += "zz";
    if (!alphabet.is_rest(segment)) continue;
    for (int i = 1; i < rest; ++i) topic += alphabet.separator + std::string("zz");
    break;
  }
  return topic;
}

class Patterns {
 public:
  explicit Patterns(unsigned seed) : random_(seed) {}
  std::string next() {
    std::string out;
    const unsigned count = 1 + below(3);
    const unsigned style = below(5);
    for (unsigned i = 0; i < count; ++i) {
      if (i != 0) out += style < 2 ? '/' : style < 4 ? '.' : below(2) == 0 ? '/' : '.';
      out += segments[below(static_cast<unsigned>(segments.size()))];
    }
    return out;
  }

 private:
  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  std::mt19937 random_;
};

TEST(Containment, agrees_with_matching_every_topic_by_brute_force) {
  const std::vector<std::string> topics = universe();
  Patterns patterns(7);
  int contained = 0;
  int same_notation = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string grant = patterns.next();
    const std::string pattern = patterns.next();
    bool all = pattern_matches(grant, instance(pattern, 1)) && pattern_matches(grant, instance(pattern, 4));
    for (const std::string& topic : topics) {
      if (pattern_matches(pattern, topic) && !pattern_matches(grant, topic)) all = false;
    }
    const bool said = pattern_contains(grant, pattern);
    contained += said ? 1 : 0;
    if (said) {
      ASSERT_TRUE(all) << "'" << grant << "' does not contain '" << pattern << "'";
    } else if (notation_of(grant) == notation_of(pattern)) {
      ++same_notation;
      ASSERT_FALSE(all) << "'" << grant << "' contains '" << pattern << "'";
    }
  }
  EXPECT_GT(contained, 100);
  EXPECT_GT(same_notation, 100);
}

TEST(Containment, of_masks_agrees_with_matching_every_name_by_brute_force) {
  const std::vector<std::string> names = universe();
  Patterns masks(11);
  int contained = 0;
  for (int round = 0; round < 4000; ++round) {
    const std::string grant = masks.next();
    const std::string mask = masks.next();
    bool all = true;
    for (const std::string& name : names) {
      if (mask_matches(mask, name) && !mask_matches(grant, name)) all = false;
    }
    // A slash is part of a segment here; a mask that holds one may match nothing of the universe.
    const bool said = mask_contains(grant, mask);
    contained += said ? 1 : 0;
    if (said) {
      ASSERT_TRUE(all) << "'" << grant << "' does not contain '" << mask << "'";
    } else if (grant.find_first_of("/+#") == std::string::npos &&
               mask.find_first_of("/+#") == std::string::npos) {
      ASSERT_FALSE(all) << "'" << grant << "' contains '" << mask << "'";
    }
  }
  EXPECT_GT(contained, 100);
}

TEST(SubscriptionTable, tells_a_subscribers_patterns_in_their_canonical_spelling) {
  SubscriptionTable table;
  for (const char* pattern : {"a/b", "a//+/#/x", "#", "e.?.*", "", "a.b"}) {
    ASSERT_TRUE(table.subscribe(3, pattern)) << pattern;
  }
  ASSERT_TRUE(table.subscribe(4, "other/+"));
  auto texts = table.pattern_texts(3);
  std::ranges::sort(texts);
  EXPECT_EQ(texts, (std::vector<std::string>{"", "#", "a.b", "a//+/#", "a/b", "e.?.*"}));
  EXPECT_EQ(table.pattern_texts(4), std::vector<std::string>{"other/+"});
  EXPECT_TRUE(table.pattern_texts(5).empty());
}

}  // namespace
}  // namespace busrt::routing
