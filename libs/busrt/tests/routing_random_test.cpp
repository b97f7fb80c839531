// The tables against the reference matcher: thousands of random patterns over a tiny alphabet, so that
// prefixes, empty segments, both notations and repeated spellings meet all the time. Seeds are fixed; a
// failure names its step.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "busrt/limits.hpp"
#include "routing/name_tree.hpp"
#include "routing/pattern.hpp"
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
  /// Six to thirteen of these segments with one separator.
  std::string deep(const std::vector<std::string>& segments) {
    const char separator = below(3) == 0 ? '/' : '.';
    std::string out = segments[below(static_cast<unsigned>(segments.size()))];
    for (unsigned more = 5 + below(8); more != 0; --more) {
      out += separator + segments[below(static_cast<unsigned>(segments.size()))];
    }
    return out;
  }

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

/// The shapes of a pattern and of its fronts, spelled out; none where it has no wildcards.
std::vector<std::string> shapes_of(std::string_view pattern) {
  const Notation notation = notation_of(pattern);
  const Alphabet& alphabet = alphabet_of(notation);
  SegmentReader reader(pattern, alphabet.separator);
  std::string shape = notation == Notation::dotted ? "." : "/";
  std::vector<std::string> shapes;
  bool wildcards = false;
  while (reader.more()) {
    const std::string_view segment = reader.next();
    const bool rest = alphabet.is_rest(segment);
    const bool one = alphabet.is_one(segment);
    shape += rest ? 'r' : one ? 'o' : 'w';
    shapes.push_back(shape);
    wildcards = wildcards || one || rest;
    if (rest) break;
  }
  return wildcards ? shapes : std::vector<std::string>();
}

struct Shapes {
  std::set<std::string> all;
  std::size_t charged() const {
    return static_cast<std::size_t>(std::ranges::count_if(
        all, [](const std::string& shape) { return shape.size() - 1 > limits::free_shape_segments; }));
  }
  void add(const std::set<std::string>& patterns) {
    for (const std::string& pattern : patterns) {
      for (std::string& shape : shapes_of(pattern)) all.insert(std::move(shape));
    }
  }
};

TEST_P(RandomTable, VisitsOneNodeForEachShapeAtMostAndChargesTheLongOnes) {
  Texts texts(GetParam() + 1000);
  SubscriptionTable table;
  Model model;
  for (int step = 0; step < 1500; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const SubscriberId id = texts.below(4);
    const std::string pattern = texts.deep({"a", "a", "b", "+", "+", "?", "#", "*"});
    if (texts.below(300) == 0) {
      // In pieces, which must add up to the whole.
      model.patterns.erase(id);
      for (std::size_t steps = 3; !table.remove_some(id, steps); steps = 3) ASSERT_EQ(steps, 0U);
    } else if (texts.below(4) != 0) {
      ASSERT_EQ(table.subscribe(id, pattern), model.patterns[id].insert(canonical(pattern)).second);
    } else if (!model.patterns[id].empty()) {
      const std::string other = *model.patterns[id].begin();
      model.patterns[id].erase(other);
      ASSERT_TRUE(table.unsubscribe(id, other));
    }
    Shapes all;
    for (const auto& [owner, own] : model.patterns) all.add(own);
    Shapes own;
    own.add(model.patterns[id]);
    ASSERT_EQ(table.shapes(), all.charged());
    ASSERT_EQ(table.shapes_of(id), own.charged());
    const std::string topic = texts.deep({"a", "a", "a", "b"});
    std::vector<SubscriberId> out;
    const std::size_t steps = table.match(topic, out);
    ASSERT_EQ(out, model.match(topic)) << topic;
    std::size_t found = 0;
    for (const auto& [owner, patterns] : model.patterns) {
      for (const std::string& each : patterns) found += pattern_matches(each, topic) ? 1U : 0U;
    }
    // Two roots, and the lookup of the whole topic.
    ASSERT_LE(steps, all.all.size() + 3 + found) << topic;
  }
  for (SubscriberId id = 0; id < 4; ++id) table.remove(id);
  EXPECT_EQ(table.nodes(), 0U);
  EXPECT_EQ(table.shapes(), 0U);
}

TEST_P(RandomTable, NamesAgreeWithTheReferenceMatcherAfterEveryChange) {
  Texts texts(GetParam() + 2000);
  NameTree tree;
  std::map<std::string, SubscriberId> model;
  for (int step = 0; step < 3000; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const std::string name = texts.below(2) == 0 ? texts.topic() : texts.deep({"a", "b", "", "?"});
    const bool filling = step / 300 % 2 == 0;
    if ((texts.below(4) != 0) == filling) {
      const auto id = static_cast<SubscriberId>(step);
      if (model.emplace(name, id).second) tree.insert(name, id);
    } else if (!model.empty()) {
      const std::string gone = model.lower_bound(name) == model.end() ? name : model.lower_bound(name)->first;
      tree.erase(gone);
      model.erase(gone);
    }
    const std::string mask = texts.below(2) == 0 ? texts.pattern() : texts.deep({"a", "b", "?", "?", "*"});
    std::vector<SubscriberId> expected;
    for (const auto& [each, id] : model) {
      if (mask_matches(mask, each)) expected.push_back(id);
    }
    std::vector<SubscriberId> out;
    tree.match(mask, out);
    std::ranges::sort(out);
    std::ranges::sort(expected);
    ASSERT_EQ(out, expected) << mask;
  }
  for (const auto& [name, id] : model) tree.erase(name);
  EXPECT_EQ(tree.nodes(), 0U);
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
