// The tables against the reference matcher: thousands of random patterns over a tiny alphabet, so that
// prefixes, empty segments, both notations and repeated spellings meet all the time. Seeds are fixed; a
// failure names its step.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "routing/pattern.hpp"
#include "routing/pattern_set.hpp"
#include "routing/segments.hpp"
#include "routing/subscription_table.hpp"

namespace busrt::routing {
namespace {

class Texts {
 public:
  explicit Texts(unsigned seed) : random_(seed) {}

  unsigned below(unsigned bound) { return static_cast<unsigned>(random_() % bound); }
  std::string pattern() { return text({"a", "b", "", "+", "#", "?", "*", "a+", "ab"}); }
  std::string topic() { return text({"a", "b", "", "a", "b", "+", "*", "ab"}); }

 private:
  std::string text(const std::vector<std::string>& segments) {
    std::string out;
    const unsigned count = 1 + below(4);
    // Mostly one separator, sometimes both in one text.
    const unsigned style = below(5);
    for (unsigned i = 0; i < count; ++i) {
      if (i != 0) out += style < 2 ? '/' : style < 4 ? '.' : below(2) == 0 ? '/' : '.';
      out += segments[below(static_cast<unsigned>(segments.size()))];
    }
    return out;
  }

  std::mt19937 random_;
};

/// A pattern with what is ignored cut off: two spellings of one meaning have equal canonical forms.
std::string canonical(std::string_view pattern) {
  const Alphabet& alphabet = alphabet_of(notation_of(pattern));
  SegmentReader reader(pattern, alphabet.separator);
  std::string out;
  bool first = true;
  while (reader.more()) {
    const std::string_view segment = reader.next();
    if (!first) out += alphabet.separator;
    first = false;
    out += segment;
    if (alphabet.is_rest(segment)) break;
  }
  return out;
}

/// What the table must do, done plainly.
struct Model {
  std::map<SubscriberId, std::set<std::string>> patterns;

  std::size_t subscriptions() const {
    std::size_t count = 0;
    for (const auto& [id, own] : patterns) count += own.size();
    return count;
  }
  std::vector<SubscriberId> match(std::string_view topic) const {
    std::vector<SubscriberId> out;
    for (const auto& [id, own] : patterns) {
      for (const std::string& pattern : own) {
        if (!pattern_matches(pattern, topic)) continue;
        out.push_back(id);
        break;
      }
    }
    return out;
  }
};

class RandomTable : public testing::TestWithParam<unsigned> {};

TEST_P(RandomTable, agrees_with_the_reference_matcher_after_every_change) {
  Texts texts(GetParam());
  SubscriptionTable table;
  Model model;
  std::vector<std::string> used;
  for (int step = 0; step < 4000; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const SubscriberId id = texts.below(12);
    const bool filling = step / 400 % 2 == 0;
    const unsigned act = texts.below(20);
    if (act == 0) {
      table.remove(id);
      model.patterns.erase(id);
    } else if ((act < 15) == filling) {
      const std::string pattern = texts.pattern();
      used.push_back(pattern);
      ASSERT_EQ(table.subscribe(id, pattern), model.patterns[id].insert(canonical(pattern)).second)
          << pattern;
    } else if (!used.empty()) {
      const std::string& pattern = used[texts.below(static_cast<unsigned>(used.size()))];
      ASSERT_EQ(table.unsubscribe(id, pattern), model.patterns[id].erase(canonical(pattern)) == 1) << pattern;
    }
    ASSERT_EQ(table.subscriptions(), model.subscriptions());
    ASSERT_EQ(table.patterns_of(id), model.patterns[id].size());
    for (int i = 0; i < 4; ++i) {
      const std::string topic = texts.topic();
      std::vector<SubscriberId> out;
      table.match(topic, out);
      ASSERT_EQ(out, model.match(topic)) << topic;
    }
  }
  for (SubscriberId id = 0; id < 12; ++id) table.remove(id);
  EXPECT_EQ(table.subscriptions(), 0U);
  EXPECT_EQ(table.nodes(), 0U);
}

TEST_P(RandomTable, pattern_set_agrees_with_the_reference_matcher_after_every_change) {
  Texts texts(GetParam() + 1000);
  PatternSet set;
  std::set<std::string> model;
  std::vector<std::string> used;
  for (int step = 0; step < 4000; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const bool filling = step / 100 % 2 == 0;
    if (texts.below(4) == 0 || !filling) {
      if (!used.empty()) {
        const std::string& pattern = used[texts.below(static_cast<unsigned>(used.size()))];
        ASSERT_EQ(set.erase(pattern), model.erase(canonical(pattern)) == 1) << pattern;
      }
    } else {
      const std::string pattern = texts.pattern();
      used.push_back(pattern);
      ASSERT_EQ(set.insert(pattern), model.insert(canonical(pattern)).second) << pattern;
    }
    ASSERT_EQ(set.size(), model.size());
    ASSERT_EQ(set.empty(), model.empty());
    const std::string topic = texts.topic();
    bool expected = false;
    for (const std::string& pattern : model) expected = expected || pattern_matches(pattern, topic);
    ASSERT_EQ(set.matches(topic), expected) << topic;
  }
}

INSTANTIATE_TEST_SUITE_P(seeds, RandomTable, testing::Range(1U, 9U));

TEST(RandomPattern, a_pattern_and_its_canonical_form_match_the_same_topics) {
  Texts texts(77);
  for (int i = 0; i < 20000; ++i) {
    const std::string pattern = texts.pattern();
    const std::string topic = texts.topic();
    ASSERT_EQ(pattern_matches(pattern, topic), pattern_matches(canonical(pattern), topic))
        << pattern << " " << topic;
  }
}

}  // namespace
}  // namespace busrt::routing
