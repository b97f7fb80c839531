// What rules decide: who may connect, what each operation needs, and which line says so.
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "access/client_access.hpp"
#include "busrt/access.hpp"
#include "routing/pattern.hpp"

namespace busrt {
namespace {

AccessRules rules_of(std::string_view text) {
  auto rules = AccessRules::parse(text, "rules.toml");
  EXPECT_TRUE(rules) << rules.error().message;
  return rules ? std::move(*rules) : AccessRules{};
}

AccessClient local(std::string name, std::uint32_t uid = 1000, std::uint32_t gid = 1000) {
  return {.name = std::move(name), .local = true, .host = {}, .uid = uid, .gid = gid, .certificate = {}};
}
AccessClient remote(std::string name, std::string host, std::optional<std::string> certificate = {}) {
  return {.name = std::move(name),
          .local = false,
          .host = std::move(host),
          .uid = {},
          .gid = {},
          .certificate = std::move(certificate)};
}

AccessVerdict connects(const AccessRules& rules, const AccessClient& client) {
  const AccessVerdict verdict = decide(rules, client, AccessOperation::connect, {}).verdict;
  EXPECT_EQ(verdict == AccessVerdict::allowed, applying_entry(rules, client) != nullptr);
  return verdict;
}

TEST(AccessDecision, without_an_entry_nobody_connects) {
  EXPECT_EQ(connects(AccessRules{}, local("a")), AccessVerdict::no_entry);
  const AccessRules rules = rules_of("[[client]]\nname = 'a'\n");
  EXPECT_EQ(connects(rules, local("a")), AccessVerdict::allowed);
  EXPECT_EQ(connects(rules, local("b")), AccessVerdict::no_entry);
}

TEST(AccessDecision, every_demand_must_be_met_and_the_first_that_is_not_is_named) {
  const AccessRules rules = rules_of(
      "[[client]]\nname = 'u'\nuid = [0, 7]\ngid = 4\n"
      "[[client]]\nname = 'h'\nhosts = ['10.0.0.0/8', '::1']\n"
      "[[client]]\nname = 'l'\nhosts = 'local'\n"
      "[[client]]\nname = 'c'\ncertificate = ['x', 'y']\n");
  EXPECT_EQ(connects(rules, local("u", 7, 4)), AccessVerdict::allowed);
  EXPECT_EQ(connects(rules, local("u", 8, 4)), AccessVerdict::uid);
  EXPECT_EQ(connects(rules, local("u", 7, 5)), AccessVerdict::gid);
  EXPECT_EQ(connects(rules, remote("u", "10.0.0.1")), AccessVerdict::uid) << "the network knows no uid";
  EXPECT_EQ(connects(rules, remote("h", "10.0.0.1")), AccessVerdict::allowed);
  EXPECT_EQ(connects(rules, remote("h", "::1")), AccessVerdict::allowed);
  EXPECT_EQ(connects(rules, remote("h", "192.168.0.1")), AccessVerdict::host);
  EXPECT_EQ(connects(rules, local("h")), AccessVerdict::host) << "a unix socket has no address";
  EXPECT_EQ(connects(rules, local("l")), AccessVerdict::allowed);
  EXPECT_EQ(connects(rules, remote("l", "127.0.0.1")), AccessVerdict::host);
  EXPECT_EQ(connects(rules, remote("c", "10.0.0.1", "y")), AccessVerdict::allowed);
  EXPECT_EQ(connects(rules, remote("c", "10.0.0.1", "z")), AccessVerdict::certificate);
  EXPECT_EQ(connects(rules, remote("c", "10.0.0.1")), AccessVerdict::certificate);
}

TEST(AccessDecision, a_name_that_makes_demands_cannot_be_had_under_a_laxer_mask) {
  const AccessRules rules = rules_of("[[client]]\nname = 'agent'\nuid = 0\n[[client]]\nname = '*'\n");
  EXPECT_EQ(connects(rules, local("agent", 0)), AccessVerdict::allowed);
  EXPECT_EQ(connects(rules, local("agent", 1)), AccessVerdict::uid);
  EXPECT_EQ(connects(rules, local("agent%%1", 1)), AccessVerdict::uid) << "nor as its secondary";
  EXPECT_EQ(connects(rules, local("other", 1)), AccessVerdict::allowed);
}

TEST(AccessDecision, entries_of_one_mask_are_alternatives_with_grants_of_their_own) {
  const AccessRules rules = rules_of(
      "[[client]]\nname = 'a'\nuid = 0\npublish = ['#']\n"
      "[[client]]\nname = 'a'\nhosts = '10.0.0.0/8'\npublish = ['x']\n");
  EXPECT_TRUE(decide(rules, local("a", 0), AccessOperation::publish, "y").allowed());
  EXPECT_TRUE(decide(rules, remote("a", "10.0.0.1"), AccessOperation::publish, "x").allowed());
  EXPECT_EQ(decide(rules, remote("a", "10.0.0.1"), AccessOperation::publish, "y").line, 6U);
  EXPECT_EQ(connects(rules, local("a", 1)), AccessVerdict::uid) << "the first one's reason";
}

TEST(AccessDecision, each_operation_has_its_own_grants) {
  const AccessRules rules = rules_of(
      "[[client]]\nname = 'a'\n"
      "publish = ['p/+', 'e.*']\n"
      "subscribe = ['s/+', 'e.*', 'deep/#']\n"
      "message = ['m.?', 'one']\n"
      "broadcast = ['b.*']\n");
  struct Case {
    AccessOperation operation;
    const char* target;
    std::size_t line;  ///< 0: denied
  };
  using enum AccessOperation;
  for (const auto& [operation, target, line] : std::initializer_list<Case>{
           {publish, "p/x", 3},    {publish, "p/x/y", 0},      {publish, "p", 0},
           {publish, "e.a.b", 3},  {publish, "s/x", 0},        {publish, "one", 0},
           {subscribe, "s/+", 4},  {subscribe, "s/x", 4},      {subscribe, "s/#", 0},
           {subscribe, "#", 0},    {subscribe, "+/x", 0},      {subscribe, "e.?", 4},
           {subscribe, "*", 0},    {subscribe, "deep/+/#", 4}, {subscribe, "deep/x.*", 4},
           {subscribe, "p/x", 0},  {message, "m.x", 5},        {message, "m.x.y", 0},
           {message, "m.x%%2", 5}, {message, "one%%s.t", 5},   {message, ".broker", 0},
           {message, "b.x", 0},    {broadcast, "b.*", 6},      {broadcast, "b.?", 6},
           {broadcast, "*", 0},    {broadcast, "?.x", 0},      {broadcast, "m.x", 0},
       }) {
    const AccessDecision decision = decide(rules, local("a"), operation, target);
    EXPECT_EQ(decision.allowed(), line != 0) << to_string(operation) << ' ' << target;
    EXPECT_EQ(decision.verdict, line != 0 ? AccessVerdict::allowed : AccessVerdict::not_granted);
    EXPECT_EQ(decision.line, line != 0 ? line : 2U) << to_string(operation) << ' ' << target;
  }
}

TEST(AccessDecision, the_brokers_own_subscription_is_everybodys) {
  const AccessRules rules = rules_of("[[client]]\nname = 'a'\n");
  EXPECT_TRUE(decide(rules, local("a"), AccessOperation::subscribe, ".broker/warn").allowed());
  EXPECT_FALSE(decide(rules, local("a"), AccessOperation::subscribe, ".broker/+").allowed());
  EXPECT_FALSE(decide(rules, local("a"), AccessOperation::publish, ".broker/warn").allowed());
}

TEST(AccessDecision, nobody_publishes_on_the_brokers_topics_whatever_is_granted) {
  const AccessRules rules = rules_of("[[client]]\nname = 'a'\npublish = ['#']\nsubscribe = ['#']\n");
  const AccessDecision decision = decide(rules, local("a"), AccessOperation::publish, ".broker/warn");
  EXPECT_EQ(decision.verdict, AccessVerdict::reserved);
  EXPECT_EQ(decision.describe(rules), "denied: the broker's own topics");
  EXPECT_TRUE(decide(rules, local("a"), AccessOperation::subscribe, ".broker/#").allowed());
  EXPECT_TRUE(decide(rules, local("a"), AccessOperation::publish, ".brokers").allowed());
}

TEST(AccessDecision, says_by_which_line) {
  const AccessRules rules = rules_of("[[client]]\nname = 'a'\nuid = 1000\npublish = ['x/#']\n");
  const auto sentence = [&rules](const AccessClient& client, std::string_view target) {
    return decide(rules, client, AccessOperation::publish, target).describe(rules);
  };
  EXPECT_EQ(sentence(local("a"), "x/y"), "allowed by rules.toml:4: \"x/#\"");
  EXPECT_EQ(sentence(local("a"), "y"), "denied by rules.toml:2: the [[client]] \"a\" does not grant it");
  EXPECT_EQ(sentence(local("a", 1), "x/y"),
            "denied by rules.toml:2: the [[client]] \"a\" demands another uid");
  EXPECT_EQ(sentence(local("b"), "x/y"), "denied by rules.toml: no [[client]] there has a name that fits");
  EXPECT_EQ(sentence(local("a"), "\xFF"), "denied: no topic, pattern or name that the bus takes");
}

TEST(ClientAccess, remembers_what_the_rules_decide_whatever_is_asked_before) {
  const auto rules = std::make_shared<const AccessRules>(
      rules_of("[[client]]\nname = 'a'\npublish = ['a/+', '.broker/+']\nsubscribe = ['a/#', 'b.*']\nmessage "
               "= ['m.?']\n"));
  const AccessClient client = local("a");
  access::ClientAccess access(rules, *applying_entry(*rules, client));
  std::mt19937 random(3);
  const std::vector<std::string> targets = {"a/b", "a/c", "a/b/c", "a/+", "a/#",         "b.c",
                                            "b.*", "m.x", "m.x.y", "#",   ".broker/warn"};
  for (int i = 0; i < 3000; ++i) {
    const std::string& target = targets[random() % targets.size()];
    const auto operation = static_cast<AccessOperation>(1 + random() % 4);
    ASSERT_EQ(access.ask(operation, target).allowed, decide(*rules, client, operation, target).allowed())
        << to_string(operation) << ' ' << target;
  }
}

TEST(ClientAccess, stays_right_when_a_client_invents_targets_without_end) {
  const auto rules =
      std::make_shared<const AccessRules>(rules_of("[[client]]\nname = 'a'\npublish = ['a/+']\n"));
  access::ClientAccess access(rules, rules->entries.front());
  for (int i = 0; i < 20000; ++i) {
    ASSERT_TRUE(access.ask(AccessOperation::publish, "a/" + std::to_string(i)).allowed);
    ASSERT_FALSE(access.ask(AccessOperation::publish, "b/" + std::to_string(i)).allowed);
  }
}

}  // namespace
}  // namespace busrt
