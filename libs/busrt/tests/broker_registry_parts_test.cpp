// The parts of the registry, each alone: names, bindings, patterns, traffic, and whom an eviction chooses.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "broker/eviction_choice.hpp"
#include "broker/name_bindings.hpp"
#include "broker/name_directory.hpp"
#include "broker/pattern_tables.hpp"
#include "broker/traffic_books.hpp"
#include "broker_endpoints.hpp"

namespace busrt::broker {
namespace {

TEST(NameBindings, a_bound_name_and_its_secondaries_belong_to_one_process) {
  Endpoints endpoints;
  NameBindings bindings;
  bindings.bind("a", 7);
  EXPECT_TRUE(bindings.admits(*endpoints.make("a", Endpoints::process(7))));
  EXPECT_TRUE(bindings.admits(*endpoints.make("a%%1", Endpoints::process(7))));
  EXPECT_FALSE(bindings.admits(*endpoints.make("a", Endpoints::process(8))));
  EXPECT_FALSE(bindings.admits(*endpoints.make("a%%1", Endpoints::process(8))));
  EXPECT_TRUE(bindings.admits(*endpoints.make("b", Endpoints::process(8))));
  bindings.bind("a", 8);
  EXPECT_TRUE(bindings.admits(*endpoints.make("a", Endpoints::process(8))))
      << "a later call replaces the process";
  bindings.unbind("a");
  EXPECT_TRUE(bindings.admits(*endpoints.make("a", Endpoints::process(9))));
}

TEST(NameBindings, a_client_inside_the_broker_is_the_brokers_process) {
  Endpoints endpoints;
  NameBindings bindings;
  bindings.bind("a", ::getpid());
  EXPECT_TRUE(bindings.admits(*endpoints.make("a")));
  EXPECT_FALSE(bindings.admits(*endpoints.make("a", Endpoints::process(::getpid() + 1))));
}

class NameDirectoryTest : public testing::Test {
 protected:
  EndpointRef join(const std::string& name) {
    auto endpoint = endpoints_.make(name);
    directory_.reserve_for_one_more();
    directory_.insert(endpoint);
    return endpoint;
  }

  Endpoints endpoints_;
  NameDirectory directory_;
};

TEST_F(NameDirectoryTest, AClientIsFoundByNameByNumberAndByMask) {
  const auto one = join("a.one");
  const auto two = join("a.two");
  EXPECT_EQ(directory_.find("a.one"), one);
  EXPECT_EQ(directory_.at(two->id), two);
  std::vector<routing::SubscriberId> found;
  directory_.match("a.?", found);
  EXPECT_EQ(found.size(), 2U);
  EXPECT_EQ(directory_.find("a"), nullptr);
}

TEST_F(NameDirectoryTest, ANumberStaysTakenUntilItIsReleased) {
  const auto gone = join("gone");
  directory_.erase(*gone);
  EXPECT_EQ(directory_.find("gone"), nullptr);
  EXPECT_EQ(directory_.at(gone->id), nullptr);
  EXPECT_NE(join("next")->id, gone->id);
  directory_.release_number(gone->id);
  EXPECT_EQ(join("last")->id, gone->id);
}

TEST_F(NameDirectoryTest, SecondariesAreThoseOfThePrimaryAlone) {
  join("a");
  const auto secondary = join("a%%1");
  join("ab%%1");
  EXPECT_EQ(directory_.secondaries("a"), std::vector{secondary});
}

class PatternTablesTest : public testing::Test {
 protected:
  EndpointRef client(std::uint32_t id) {
    auto endpoint = endpoints_.make("client" + std::to_string(id));
    endpoint->id = id;
    return endpoint;
  }
  [[nodiscard]] std::vector<routing::SubscriberId> receivers(std::string_view topic) const {
    std::vector<routing::SubscriberId> found;
    tables_.match(topic, found);
    return found;
  }
  void leave(const EndpointRef& endpoint) {
    std::size_t steps = 1'000'000;
    EXPECT_TRUE(tables_.remove(endpoint, steps));
  }

  Endpoints endpoints_;
  PatternTables tables_{3};
};

TEST_F(PatternTablesTest, AnExclusionTakesATopicAwayFromItsClientAlone) {
  const auto one = client(0);
  const auto two = client(1);
  for (const auto& each : {one, two}) {
    EXPECT_TRUE(tables_.subscribe(*each, std::array<std::string_view, 1>{"a/#"}).changed);
  }
  EXPECT_TRUE(tables_.exclude(*one, std::array<std::string_view, 1>{"a/secret"}).changed);
  EXPECT_EQ(receivers("a/b"), (std::vector<routing::SubscriberId>{0, 1}));
  EXPECT_EQ(receivers("a/secret"), std::vector<routing::SubscriberId>{1});
  for (const auto& each : {one, two}) leave(each);
  EXPECT_TRUE(receivers("a/b").empty());
}

TEST_F(PatternTablesTest, PatternsAreChargedAndGivenBack) {
  const auto one = client(0);
  const std::uint64_t before = one->account->used();
  EXPECT_TRUE(tables_.subscribe(*one, std::array<std::string_view, 2>{"a/b", "c/+"}).changed);
  EXPECT_GT(one->account->used(), before);
  EXPECT_FALSE(tables_.subscribe(*one, std::array<std::string_view, 1>{"a/b"}).changed)
      << "it has it already";
  EXPECT_TRUE(tables_.unsubscribe(*one, std::array<std::string_view, 2>{"a/b", "c/+"}));
  EXPECT_EQ(one->account->used(), before);
  EXPECT_EQ(one->patterns, 0U);
}

TEST_F(PatternTablesTest, TheListEndsAtTheFirstPatternOverTheLimit) {
  const auto one = client(0);
  const auto change = tables_.subscribe(*one, std::array<std::string_view, 5>{"a", "b", "c", "d", "e"});
  EXPECT_EQ(change.refusal, PatternRefusal::too_many);
  EXPECT_TRUE(change.changed);
  EXPECT_EQ(receivers("c"), std::vector<routing::SubscriberId>{0});
  EXPECT_TRUE(receivers("d").empty());
  leave(one);
}

TEST_F(PatternTablesTest, APartingClientsPatternsGoInSlices) {
  const auto one = client(0);
  EXPECT_TRUE(tables_.subscribe(*one, std::array<std::string_view, 3>{"a", "b", "c"}).changed);
  tables_.reserve(1);
  std::size_t steps = 1;
  EXPECT_FALSE(tables_.remove(one, steps));
  EXPECT_TRUE(tables_.has_departed());
  std::vector<std::uint32_t> gone;
  for (int slices = 0; slices < 100 && tables_.has_departed(); ++slices) {
    tables_.sweep(2, [&gone](const Endpoint& each) { gone.push_back(each.id); });
  }
  EXPECT_EQ(gone, std::vector<std::uint32_t>{0});
  EXPECT_EQ(one->account->used(), 0U);
}

TEST(TrafficBooks, a_client_counts_once_before_and_after_it_is_retired) {
  Endpoints endpoints;
  TrafficBooks books;
  const auto one = endpoints.make("one");
  one->traffic.frames_in.add(3);
  one->traffic.lost[static_cast<std::size_t>(LossCause::queue_full)].add(2);
  books.reserve(1);
  books.add_unlisted(one);
  for (int retired = 0; retired < 2; ++retired) {
    BrokerStats stats;
    books.sum(stats);
    EXPECT_EQ(stats.frames_in, 3U);
    EXPECT_EQ(stats.lost[static_cast<std::size_t>(LossCause::queue_full)], 2U);
    books.retire(one);
    if (retired == 0) one->traffic.frames_in.add(100);  // nothing more counts
  }
  EXPECT_EQ(books.unlisted(), 0U);
}

class EvictionChoiceTest : public testing::Test {
 protected:
  EndpointRef holder(const std::string& name, std::uint64_t bytes) {
    auto endpoint = endpoints_.make(name);
    endpoint->account->add(bytes);
    clients_.emplace(name, endpoint);
    return endpoint;
  }
  void TearDown() override {
    for (const auto& [name, endpoint] : clients_) endpoint->account->subtract(endpoint->account->used());
  }

  Endpoints endpoints_;
  NameMap<EndpointRef> clients_;
};

TEST_F(EvictionChoiceTest, ThoseThatHoldMostAreChosenUntilEnoughIsFree) {
  holder("small", 2 * limits::relief_bytes);
  const auto large = holder("large", 8 * limits::relief_bytes);
  const auto middle = holder("middle", 4 * limits::relief_bytes);
  const auto choice = choose_evictions(clients_, 9 * limits::relief_bytes);
  EXPECT_EQ(choice.clients, (std::vector{large, middle}));
  EXPECT_EQ(choice.bytes, 12 * limits::relief_bytes);
  EXPECT_TRUE(large->closed.load());
}

TEST_F(EvictionChoiceTest, WhatEndingClientsHoldCountsAndSmallClientsAreSpared) {
  holder("ending", 8 * limits::relief_bytes)->closed.store(true);
  holder("small", limits::relief_bytes - 1);
  EXPECT_EQ(ending_bytes(clients_), 8 * limits::relief_bytes);
  const auto choice = choose_evictions(clients_, limits::relief_bytes);
  EXPECT_TRUE(choice.clients.empty());
  EXPECT_EQ(choice.bytes, 0U);
}

}  // namespace
}  // namespace busrt::broker
