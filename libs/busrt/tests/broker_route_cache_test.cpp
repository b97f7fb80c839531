// The shard's copy of the registry's answers stays right however many targets pass through it.
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "broker/route_cache.hpp"
#include "busrt/limits.hpp"

namespace busrt::broker {
namespace {

class RouteCacheTest : public testing::Test {
 protected:
  EndpointRef join(const std::string& name) {
    auto endpoint = std::make_shared<Endpoint>(name, 0, transport::Peer{}, nullptr,
                                               std::make_shared<MemoryAccount>(memory_));
    EXPECT_TRUE(registry_.add(endpoint, false));
    joined_.push_back(endpoint);
    return endpoint;
  }
  void leave(const EndpointRef& endpoint) {
    bool was_registered = false;
    registry_.remove(endpoint, was_registered);
    EXPECT_TRUE(was_registered);
    std::erase(joined_, endpoint);
  }
  /// What a client holds is charged to it until it has left.
  void TearDown() override {
    while (!joined_.empty()) leave(EndpointRef(joined_.back()));
  }
  void subscribe(const EndpointRef& endpoint, std::string_view pattern) {
    EXPECT_EQ(registry_.subscribe(endpoint, std::array{pattern}), PatternRefusal::none);
  }
  /// Asks for so many targets of names of their own that no cache holds them all.
  void pass_many(int round) {
    constexpr std::size_t each = 1000;
    const std::string filler(each, 'x');
    for (std::size_t i = 0; i < 2 * limits::route_cache_bytes / each; ++i) {
      const std::string topic = "passing/" + std::to_string(round) + "/" + std::to_string(i) + "/" + filler;
      const Route* route = cache_.topic(topic);
      ASSERT_NE(route, nullptr);
      ASSERT_EQ(route->target, topic);
      ASSERT_TRUE(route->receivers.empty());
    }
  }
  [[nodiscard]] std::size_t receivers(std::string_view topic) {
    const Route* route = cache_.topic(topic);
    return route == nullptr ? 0 : route->receivers.size();
  }

  MemoryBudget memory_{limits::broker_memory_bytes};
  Registry registry_{limits::client_patterns};
  Turn turn_;
  RouteCache cache_{registry_, turn_};
  std::vector<EndpointRef> joined_;
};

TEST_F(RouteCacheTest, ALookupIsTheTurnsWorkAndARememberedAnswerIsNot) {
  const auto reader = join("reader");
  subscribe(reader, "a/+");
  ASSERT_EQ(receivers("a/b"), 1U);
  const std::size_t one = turn_.steps();
  EXPECT_GT(one, limits::lookup_steps);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(receivers("a/b"), 1U);
  EXPECT_EQ(turn_.steps(), one);
  ASSERT_EQ(receivers("a/c"), 1U);
  EXPECT_EQ(turn_.steps(), 2 * one);
  // A change makes every answer a lookup again.
  subscribe(reader, "unrelated");
  ASSERT_EQ(receivers("a/b"), 1U);
  EXPECT_GE(turn_.steps(), 3 * one);
}

TEST_F(RouteCacheTest, ExclusionsAreLookedUpOnceForAllReceivers) {
  std::vector<EndpointRef> readers;
  for (int i = 0; i < 100; ++i) {
    readers.push_back(join("reader" + std::to_string(i)));
    subscribe(readers.back(), "a/#");
    const std::string_view excluded = i % 2 == 0 ? "a/secret" : "a/+/secret";
    ASSERT_EQ(registry_.exclude(readers.back(), std::array{excluded}), PatternRefusal::none);
  }
  turn_.begin();
  EXPECT_EQ(receivers("a/b"), 100U);
  EXPECT_LT(turn_.steps(), limits::lookup_steps + 120);
  EXPECT_EQ(receivers("a/secret"), 50U);
  EXPECT_EQ(receivers("a/b/secret"), 50U);
  registry_.unexclude(readers.front(), std::array{std::string_view("a/secret")});
  EXPECT_EQ(receivers("a/secret"), 51U);
  // What a client excluded is not its successor's.
  for (const EndpointRef& reader : readers) leave(reader);
  subscribe(join("successor"), "a/#");
  EXPECT_EQ(receivers("a/secret"), 1U);
}

TEST_F(RouteCacheTest, AnswersAreRightBeforeAndAfterItWasFull) {
  const auto reader = join("reader");
  subscribe(reader, "wanted/+");
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(receivers("wanted/1"), 1U);
    EXPECT_EQ(receivers("wanted/2"), 1U);
    EXPECT_EQ(receivers("unwanted/1"), 0U);
    pass_many(round);
  }
  leave(reader);
  EXPECT_EQ(receivers("wanted/1"), 0U);
}

TEST_F(RouteCacheTest, ItStaysBoundedWhenWhatItKeepsGrows) {
  const auto topic = [](int i) { return "kept/" + std::to_string(i); };
  constexpr int topics = 60'000;
  for (int i = 0; i < topics; ++i) ASSERT_EQ(receivers(topic(i)), 0U);
  constexpr std::size_t readers = 200;
  std::vector<EndpointRef> joined;
  for (std::size_t i = 0; i < readers; ++i) {
    joined.push_back(join("reader" + std::to_string(i)));
    subscribe(joined.back(), "#");
  }
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < topics; ++i) ASSERT_EQ(receivers(topic(i)), readers);
    EXPECT_LE(cache_.bytes(), limits::route_cache_bytes / 2 * 3);
  }
  for (const EndpointRef& each : joined) leave(each);
  // What was large for them is given back, and then there is room for everything again.
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < topics; ++i) ASSERT_EQ(receivers(topic(i)), 0U);
  }
  EXPECT_LT(cache_.bytes(), limits::route_cache_bytes);
  EXPECT_GT(cache_.bytes(), limits::route_cache_bytes / 2);
}

TEST_F(RouteCacheTest, AChangeIsSeenByTargetsThatWereNotKept) {
  const auto reader = join("reader");
  pass_many(0);
  for (int i = 0; i < 200; ++i) {
    const std::string topic = "late/" + std::to_string(i);
    EXPECT_EQ(receivers(topic), 0U);
    EXPECT_EQ(receivers(topic), 0U);
    subscribe(reader, topic);
    EXPECT_EQ(receivers(topic), 1U);
    EXPECT_EQ(receivers("late/none"), 0U);
    EXPECT_EQ(receivers(topic), 1U);
  }
  leave(reader);
}

}  // namespace
}  // namespace busrt::broker
