// The parts of a session, each alone: deadlines, input, the queue's limits, patterns, access, and the report
// of its end.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "broker/end_report.hpp"
#include "broker/input_buffer.hpp"
#include "broker/queue_limits.hpp"
#include "broker/session_access.hpp"
#include "broker/session_deadlines.hpp"
#include "broker/session_end.hpp"
#include "broker/topic_requests.hpp"
#include "broker_endpoints.hpp"
#include "transport/inproc_stream.hpp"

namespace busrt::broker {
namespace {

using namespace std::chrono_literals;

TEST(SessionDeadlines, a_peer_is_silent_after_ten_eighths_of_the_timeout) {
  const auto start = SessionDeadlines::Clock::time_point() + 100s;
  SessionDeadlines deadlines(start);
  EXPECT_FALSE(deadlines.silent(start + 10s, 8s));
  EXPECT_TRUE(deadlines.silent(start + 10s + 1ms, 8s));
  deadlines.note_input(start + 5s);
  EXPECT_FALSE(deadlines.silent(start + 15s, 8s));
  EXPECT_TRUE(deadlines.handshake_over(start + 8s + 1ms, 8s));
}

TEST(SessionDeadlines, a_late_loop_moves_every_deadline) {
  const auto start = SessionDeadlines::Clock::time_point() + 100s;
  SessionDeadlines deadlines(start);
  deadlines.extend(4s);
  EXPECT_FALSE(deadlines.silent(start + 14s, 8s));
  EXPECT_FALSE(deadlines.handshake_over(start + 12s, 8s));
  EXPECT_TRUE(deadlines.handshake_over(start + 12s + 1ms, 8s));
}

TEST(QueueLimits, an_empty_queue_takes_any_frame_and_a_full_one_none) {
  const QueueLimits limits{.frames = 2, .bytes = 100};
  QueueDepth depth;
  EXPECT_TRUE(limits.have_room(depth, 1'000));
  depth.local_frames.add(1);
  depth.local_bytes.add(60);
  EXPECT_TRUE(limits.have_room(depth, 40));
  EXPECT_FALSE(limits.have_room(depth, 41));
  depth.remote_frames.fetch_add(1);
  EXPECT_FALSE(limits.have_room(depth, 1)) << "places that other shards have taken count";
}

TEST(QueueLimits, publishers_continue_at_half_of_both_bounds) {
  const QueueLimits limits{.frames = 4, .bytes = 100};
  QueueDepth depth;
  depth.local_frames.add(2);
  depth.local_bytes.add(50);
  EXPECT_TRUE(limits.half_empty(depth));
  depth.local_bytes.add(1);
  EXPECT_FALSE(limits.half_empty(depth));
}

class InputBufferTest : public testing::Test {
 protected:
  MemoryBudget budget_{limits::broker_memory_bytes};
  MemoryAccount account_{budget_};
};

TEST_F(InputBufferTest, WhatItHoldsIsChargedUntilItGoes) {
  {
    InputBuffer buffer(account_);
    const std::vector<std::byte> rest(1'000);
    buffer.keep(rest);
    EXPECT_TRUE(buffer.charge());
    EXPECT_GE(account_.used(), 1'000U);
    EXPECT_FALSE(buffer.charge()) << "it has not grown";
    buffer.keep({});
    EXPECT_FALSE(buffer.charge());
    EXPECT_EQ(account_.used(), 0U);
    buffer.keep(rest);
    buffer.charge();
  }
  EXPECT_EQ(account_.used(), 0U);
}

TEST_F(InputBufferTest, ALengthThatIsOnlyClaimedCostsNoMemory) {
  InputBuffer buffer(account_);
  EXPECT_FALSE(buffer.gathers());
  buffer.expect(limits::max_body_bytes);
  EXPECT_TRUE(buffer.gathers());
  std::size_t arrived = 0;
  for (int reads = 0; reads < 10; ++reads) {
    const auto room = buffer.prepare();
    buffer.charge();
    EXPECT_LE(account_.used(), std::max<std::size_t>(32U << 10, 4 * arrived));
    buffer.commit(room.size());
    arrived += room.size();
  }
  EXPECT_EQ(buffer.data().size(), arrived);
  EXPECT_FALSE(buffer.has_expected());
}

class SessionAccessTest : public testing::Test {
 protected:
  void set_rules(std::string_view text) {
    auto rules = AccessRules::parse(text, "rules.toml");
    ASSERT_TRUE(rules) << rules.error().message;
    store_.set(std::make_shared<const AccessRules>(std::move(*rules)));
    in_force_.refresh();
  }
  [[nodiscard]] EndpointRef client(const std::string& name) {
    return endpoints_.make(name, Endpoints::process(7));
  }

  std::vector<std::string> log_;
  PeerLog peer_log_{[this](base::LogLevel, std::string_view line) { log_.emplace_back(line); }};
  Endpoints endpoints_;
  MemoryAccount account_{endpoints_.budget};
  AccessStore store_{nullptr};
  RulesInForce in_force_{store_};
  Turn turn_;
  SessionAccess access_{in_force_, turn_, peer_log_, account_};
};

TEST_F(SessionAccessTest, WithoutRulesEverythingIsAllowed) {
  EXPECT_TRUE(access_.admit(*client("a")));
  EXPECT_TRUE(access_.unrestricted());
}

TEST_F(SessionAccessTest, AClientWithoutAnEntryIsNotAdmitted) {
  set_rules("[[client]]\nname = 'a'\n");
  const auto refused = access_.admit(*client("b"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::access);
  EXPECT_TRUE(access_.admit(*client("a")));
  EXPECT_FALSE(access_.unrestricted());
}

TEST_F(SessionAccessTest, ADenialIsCountedEachTimeAndLoggedOnce) {
  set_rules("[[client]]\nname = 'a'\npublish = ['open/#']\n");
  const auto a = client("a");
  ASSERT_TRUE(access_.admit(*a));
  EXPECT_FALSE(access_.denies(*a, AccessOperation::publish, "open/1"));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(access_.denies(*a, AccessOperation::publish, "closed/1"));
  EXPECT_EQ(a->traffic.denied.get(), 3U);
  ASSERT_EQ(log_.size(), 1U);
  EXPECT_NE(log_[0].find("closed/1"), std::string::npos);
  EXPECT_GT(account_.used(), 0U) << "remembered answers are charged";
  EXPECT_GT(turn_.steps(), 0U);
}

TEST_F(SessionAccessTest, NewRulesRevokeWhatTheyDoNotGrant) {
  set_rules("[[client]]\nname = 'a'\nsubscribe = ['open/#']\n");
  const auto a = client("a");
  ASSERT_TRUE(access_.admit(*a));
  const std::vector<std::string> held{"open/1", "closed/1"};
  EXPECT_EQ(access_.revoked(held), std::vector<std::string_view>{"closed/1"});
}

TEST_F(SessionAccessTest, TheShardsCopyFollowsTheStore) {
  int applied = 0;
  in_force_.on_change([&applied] { ++applied; });
  in_force_.refresh();
  EXPECT_EQ(applied, 0);
  set_rules("[[client]]\nname = 'a'\n");
  EXPECT_EQ(applied, 1);
  EXPECT_NE(in_force_.rules(), nullptr);
  in_force_.refresh();
  EXPECT_EQ(applied, 1);
}

class TopicRequestsTest : public SessionAccessTest {
 protected:
  void SetUp() override {
    endpoint_ = client("a");
    ASSERT_TRUE(registry_.add(endpoint_, false));
  }
  void TearDown() override {
    bool was_registered = false;
    registry_.remove(endpoint_, was_registered);
  }
  [[nodiscard]] wire::Request request(Op op, std::string_view topics) {
    wire::Request made;
    made.op = op;
    made.payload = std::as_bytes(std::span(topics.data(), topics.size()));
    return made;
  }

  Registry registry_{1'000};
  EndpointRef endpoint_;
  TopicRequests topics_{registry_, turn_, access_};
};

TEST_F(TopicRequestsTest, EachOperationDoesWhatItSays) {
  using namespace std::string_view_literals;
  EXPECT_EQ(topics_.handle(endpoint_, request(Op::subscribe, "x/1\0x/2"sv)).code(), errc::ok);
  EXPECT_EQ(topics_.handle(endpoint_, request(Op::unsubscribe, "x/1"sv)).code(), errc::ok);
  const auto held = registry_.subscriptions(endpoint_);
  EXPECT_EQ(std::ranges::count(held, "x/2"), 1);
  EXPECT_EQ(std::ranges::count(held, "x/1"), 0);
  EXPECT_EQ(topics_.handle(endpoint_, request(Op::exclude, "x/2"sv)).code(), errc::ok);
  std::vector<EndpointRef> found;
  registry_.topic_receivers("x/2", found);
  EXPECT_TRUE(found.empty());
  EXPECT_EQ(topics_.handle(endpoint_, request(Op::unexclude, "x/2"sv)).code(), errc::ok);
  registry_.topic_receivers("x/2", found);
  EXPECT_EQ(found.size(), 1U);
}

TEST_F(TopicRequestsTest, ALongListIsHandledInSlicesAndAnsweredOnce) {
  std::string list;
  constexpr int patterns = 900;
  for (int i = 0; i < patterns; ++i) list += (i == 0 ? "" : std::string(1, '\0')) + "x/" + std::to_string(i);
  int slices = 0;
  TopicRequests::Outcome outcome;
  do {
    turn_.begin();
    turn_.spend(limits::turn_steps - 10 * limits::pattern_steps);
    outcome = topics_.handle(endpoint_, request(Op::subscribe, list));
    ++slices;
  } while (outcome.kind == TopicRequests::Outcome::Kind::slice && slices < patterns);
  EXPECT_EQ(outcome.kind, TopicRequests::Outcome::Kind::done);
  EXPECT_GT(slices, 10);
  EXPECT_EQ(registry_.subscriptions(endpoint_).size(), patterns + 1U) << "and .broker/warn";
}

TEST_F(TopicRequestsTest, WhatTheRulesDenyIsLeftOutAndTheAnswerSaysSo) {
  using namespace std::string_view_literals;
  set_rules("[[client]]\nname = 'a'\nsubscribe = ['open/#']\n");
  ASSERT_TRUE(access_.admit(*endpoint_));
  const auto outcome = topics_.handle(endpoint_, request(Op::subscribe, "open/1\0closed/1"sv));
  EXPECT_EQ(outcome.code(), errc::access);
  const auto held = registry_.subscriptions(endpoint_);
  EXPECT_EQ(std::ranges::count(held, "open/1"), 1);
  EXPECT_EQ(std::ranges::count(held, "closed/1"), 0);
}

TEST_F(TopicRequestsTest, AMalformedPatternEndsTheListBeforeAnyOfItsSlice) {
  using namespace std::string_view_literals;
  const auto outcome = topics_.handle(endpoint_, request(Op::subscribe, "good\0bad/\xff"sv));
  EXPECT_EQ(outcome.kind, TopicRequests::Outcome::Kind::malformed);
  EXPECT_EQ(std::ranges::count(registry_.subscriptions(endpoint_), "good"), 0);
}

class SessionEndTest : public testing::Test {
 protected:
  SessionEndTest() { closing_.reserve(1); }

  Endpoints endpoints_;
  MemoryAccount account_{endpoints_.budget};
  ClosingList closing_;
  SessionEnd end_{closing_, account_};
  std::unique_ptr<transport::Stream> stream_ =
      transport::make_inproc_stream(std::make_shared<transport::InprocConnection>());
};

TEST_F(SessionEndTest, TheFirstReasonCountsAndTheSessionIsListedOnce) {
  const auto client = endpoints_.make("a");
  end_.attach(*client);
  EXPECT_FALSE(end_.closing());
  end_.close(CloseReason::silent, "why");
  end_.close(CloseReason::shutdown, "other");
  EXPECT_EQ(end_.reason(), CloseReason::silent);
  EXPECT_EQ(end_.detail(), "why");
  EXPECT_EQ(closing_.size(), 1U);
  EXPECT_TRUE(client->closed.load());
}

TEST_F(SessionEndTest, WorkThatThrowsEndsTheSessionItWasFor) {
  end_.serve([] { throw std::bad_alloc(); });
  EXPECT_EQ(end_.reason(), CloseReason::fault);
  EXPECT_FALSE(end_.detail().empty());
}

TEST_F(SessionEndTest, TheReportOfASlowConsumerNamesItAndItsLosses) {
  const auto client = endpoints_.make("a");
  client->traffic.lost[static_cast<std::size_t>(LossCause::slow_consumer)].add(50);
  end_.close(CloseReason::slow_consumer);
  const auto report = report_end(end_, client.get(), *stream_, {});
  EXPECT_EQ(report.level, base::LogLevel::warn);
  EXPECT_EQ(report.announcement, "slow_consumer");
  EXPECT_NE(report.line.find("client a"), std::string::npos);
  EXPECT_NE(report.line.find("50 slow_consumer"), std::string::npos);
}

TEST_F(SessionEndTest, AnOrdinaryEndIsOfDebugLevelUnlessFramesAreLost) {
  const auto client = endpoints_.make("a");
  end_.close(CloseReason::end_of_stream);
  EXPECT_EQ(report_end(end_, client.get(), *stream_, {}).level, base::LogLevel::debug);
  client->traffic.lost[static_cast<std::size_t>(LossCause::receiver_closed)].add(1);
  EXPECT_EQ(report_end(end_, client.get(), *stream_, {}).level, base::LogLevel::info);
}

TEST_F(SessionEndTest, AnEvictedNewcomerIsNotAnnounced) {
  end_.close(CloseReason::over_memory);
  const auto report = report_end(end_, nullptr, *stream_, {});
  EXPECT_TRUE(report.announcement.empty());
  EXPECT_EQ(report.level, base::LogLevel::debug);
}

}  // namespace
}  // namespace busrt::broker
