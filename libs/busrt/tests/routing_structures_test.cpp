// The small structures under the tables, each against the standard container that does the same slowly.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "routing/chunked_array.hpp"
#include "routing/id_index.hpp"
#include "routing/keyed_hash.hpp"
#include "routing/subscriber_list.hpp"

namespace busrt::routing {
namespace {

/// `below(n)`: the next random number under n, the same ones in every run.
class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}
  std::uint32_t operator()(std::uint32_t bound) { return static_cast<std::uint32_t>(engine_() % bound); }

 private:
  std::mt19937 engine_;
};

TEST(IdIndex, agrees_with_a_set_through_growth_shrinking_and_collisions) {
  // The hash function decides how the probe runs look: spread, few buckets, one bucket, runs around the end.
  std::uint32_t (*const hashes[])(std::uint32_t) = {
      number_hash,
      [](std::uint32_t id) { return id & 3U; },
      [](std::uint32_t) { return 5U; },
      [](std::uint32_t id) { return ~(id & 7U); },
  };
  Random below(1);
  for (const auto hash : hashes) {
    IdIndex index;
    std::set<std::uint32_t> expected;
    const auto found = [&index, hash](std::uint32_t id) {
      return index.find(hash(id), [id](std::uint32_t other) { return other == id; }) == id;
    };
    for (int step = 0; step < 6000; ++step) {
      const std::uint32_t id = below(200);
      // Waves of mostly adding and mostly removing.
      const bool add = below(10) < (step / 500 % 2 == 0 ? 8U : 2U);
      if (add && expected.insert(id).second) index.insert(hash(id), id);
      if (!add) {
        ASSERT_EQ(index.erase(hash(id), id), expected.erase(id) == 1);
      }
      ASSERT_EQ(index.size(), expected.size());
      const std::uint32_t other = below(200);
      ASSERT_EQ(found(other), expected.contains(other));
    }
    std::set<std::uint32_t> visited;
    index.for_each([&visited](std::uint32_t id) { EXPECT_TRUE(visited.insert(id).second); });
    EXPECT_EQ(visited, expected);
    for (const std::uint32_t id : expected) EXPECT_TRUE(found(id));
  }
}

TEST(IdIndex, TakeEndsWhereItIsAskedToAndTakesEachOnce) {
  IdIndex index;
  std::set<std::uint32_t> taken;
  index.take([](std::uint32_t) { return true; });
  for (std::uint32_t id = 0; id < 1000; ++id) index.insert(number_hash(id), id);
  for (std::size_t round = 1; round <= 10; ++round) {
    index.take([&taken, round](std::uint32_t id) {
      EXPECT_TRUE(taken.insert(id).second);
      return taken.size() < round * 100;
    });
    ASSERT_EQ(taken.size(), round * 100);
    ASSERT_EQ(index.size(), 1000 - round * 100);
  }
}

TEST(IdIndex, distinguishes_equal_hashes_by_what_the_ids_stand_for) {
  const std::vector<std::string> texts{"zero", "one", "two"};
  IdIndex index;
  for (std::uint32_t id = 0; id < 3; ++id) index.insert(42, id);
  for (std::uint32_t id = 0; id < 3; ++id) {
    EXPECT_EQ(index.find(42, [&texts, id](std::uint32_t other) { return texts[other] == texts[id]; }), id);
  }
  EXPECT_EQ(index.find(42, [](std::uint32_t) { return false; }), IdIndex::none);
  EXPECT_EQ(index.find(43, [](std::uint32_t) { return true; }), IdIndex::none);
}

TEST(SubscriberList, agrees_with_a_set) {
  Random below(2);
  SubscriberList list;
  std::set<SubscriberId> expected;
  for (int step = 0; step < 20000; ++step) {
    const SubscriberId id = below(step < 10000 ? 5 : 200);
    if (below(2) == 0) {
      ASSERT_EQ(list.insert(id), expected.insert(id).second);
    } else {
      ASSERT_EQ(list.erase(id), expected.erase(id) == 1);
    }
    ASSERT_EQ(list.empty(), expected.empty());
    ASSERT_TRUE(std::ranges::equal(list.ids(), expected));
  }
}

TEST(ChunkedArray, elements_stay_where_they_are_while_it_grows) {
  ChunkedArray<std::string> array;
  array.reach(0);
  array[0] = "first";
  const std::string* const first = &array[0];
  for (std::size_t i = 1; i < 10000; ++i) {
    array.reach(i);
    EXPECT_EQ(array[i], "");
    array[i] = std::to_string(i);
  }
  EXPECT_EQ(&array[0], first);
  EXPECT_EQ(array[0], "first");
  EXPECT_EQ(array[9999], "9999");
  array.clear();
  array.reach(70);
  EXPECT_EQ(array[0], "");
}

TEST(KeyedHash, equal_texts_hash_equal_wherever_they_lie) {
  const std::string long_text = "some/longer/topic/of/many/segments";
  for (std::size_t size = 0; size <= long_text.size(); ++size) {
    for (std::size_t shift = 0; shift < 8; ++shift) {
      const std::string moved = std::string(shift, 'x') + long_text.substr(0, size) + "tail";
      EXPECT_EQ(keyed_hash(std::string_view(moved).substr(shift, size)),
                keyed_hash(std::string_view(long_text).substr(0, size)));
    }
  }
}

TEST(KeyedHash, tells_apart_texts_that_differ_little) {
  std::set<std::uint64_t> seen;
  std::string text(40, 'a');
  seen.insert(keyed_hash(text));
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (unsigned bit = 0; bit < 7; ++bit) {
      std::string other = text;
      other[at] = static_cast<char>(other[at] ^ (1 << bit));
      EXPECT_TRUE(seen.insert(keyed_hash(other)).second);
    }
    EXPECT_TRUE(seen.insert(keyed_hash(std::string_view(text).substr(0, at))).second);
  }
  EXPECT_NE(keyed_hash(std::string_view("a\0", 2)), keyed_hash("a"));
}

}  // namespace
}  // namespace busrt::routing
