// What a client keeps for its next connection: outbox, subscriptions, backoff, and the count of what is lost.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/frame.hpp"
#include "client/cut_frames.hpp"
#include "client/op_ids.hpp"
#include "client/outbox.hpp"
#include "client/restoration.hpp"
#include "client/subscriptions.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;
using std::chrono::seconds;
using TimePoint = Outbox::TimePoint;

OutboxEntry entry(std::uint32_t id, bool sent = true, bool repeatable = true, TimePoint deadline = {}) {
  OutboxEntry made;
  made.op_id = id;
  made.ticket = id + 1000;
  made.deadline = deadline;
  made.bytes = 10;
  made.frame.append(std::to_string(id));
  made.repeatable = repeatable;
  made.sent = sent;
  return made;
}

std::uint32_t id_of(const std::optional<OutboxEntry>& taken) {
  return taken ? taken->op_id : 0;
}

std::vector<std::uint32_t> ids_of(const std::vector<OutboxEntry>& entries) {
  std::vector<std::uint32_t> ids;
  for (const OutboxEntry& one : entries) ids.push_back(one.op_id);
  return ids;
}

TEST(Outbox, AnswersInOrderOutOfOrderAndOnlyOnce) {
  Outbox outbox;
  for (const std::uint32_t id : {5U, 6U, 9U, 12U}) outbox.add(entry(id));
  EXPECT_EQ(id_of(outbox.take(9)), 9U);
  EXPECT_FALSE(outbox.take(9));
  EXPECT_EQ(id_of(outbox.take(5)), 5U);
  EXPECT_FALSE(outbox.take(7));
  EXPECT_FALSE(outbox.take(4));
  EXPECT_FALSE(outbox.take(13));
  EXPECT_EQ(outbox.size(), 2U);
  EXPECT_EQ(outbox.bytes(), 20U);
  EXPECT_EQ(id_of(outbox.take(12)), 12U);
  EXPECT_EQ(id_of(outbox.take(6)), 6U);
  EXPECT_EQ(outbox.size(), 0U);
  EXPECT_EQ(outbox.bytes(), 0U);
}

TEST(Outbox, IdsMayWrapWhileOperationsWait) {
  OpIds ids(UINT32_MAX - 2);
  Outbox outbox;
  std::vector<std::uint32_t> used;
  for (int i = 0; i < 5; ++i) {
    used.push_back(ids.next());
    outbox.add(entry(used.back()));
  }
  EXPECT_EQ(used, (std::vector<std::uint32_t>{UINT32_MAX - 1, UINT32_MAX, 1, 2, 3}));
  for (const std::uint32_t id : {2U, UINT32_MAX, 1U, UINT32_MAX - 1, 3U})
    EXPECT_EQ(id_of(outbox.take(id)), id);
}

TEST(Outbox, ExpiresByDeadlineInWhateverOrderTheyCome) {
  Outbox outbox;
  const TimePoint start{};
  EXPECT_EQ(outbox.next_deadline(), std::nullopt);
  outbox.add(entry(1, true, true, start + seconds(3)));
  outbox.add(entry(2, true, true, start + seconds(1)));
  outbox.add(entry(3, true, true, start + seconds(2)));
  EXPECT_EQ(outbox.next_deadline(), start + seconds(1));
  EXPECT_TRUE(outbox.take_expired(start).empty());
  EXPECT_EQ(ids_of(outbox.take_expired(start + seconds(2))), (std::vector<std::uint32_t>{2, 3}));
  EXPECT_EQ(outbox.next_deadline(), start + seconds(3));
  EXPECT_EQ(id_of(outbox.take_ticket(1001)), 1U);
  EXPECT_EQ(outbox.next_deadline(), std::nullopt);
}

TEST(Outbox, AfterACutEverythingRepeatableGoesOutAgainInOrderOnce) {
  Outbox outbox;
  for (const std::uint32_t id : {1U, 2U, 3U, 4U}) outbox.add(entry(id, true, id != 3));
  EXPECT_FALSE(outbox.holds_new_frames());
  EXPECT_EQ(id_of(outbox.take(2)), 2U);
  EXPECT_EQ(ids_of(outbox.connection_lost(0)), std::vector<std::uint32_t>{3}) << "not to be sent twice";
  outbox.add(entry(5, false, false));
  std::vector<std::uint32_t> sent;
  while (OutboxEntry* next = outbox.next_unsent()) {
    EXPECT_FALSE(next->frame.empty());
    sent.push_back(next->op_id);
    outbox.mark_sent();
  }
  EXPECT_EQ(sent, (std::vector<std::uint32_t>{1, 4, 5}));
  EXPECT_FALSE(outbox.holds_new_frames());
  // The one that had not been sent may go once, and has gone now.
  EXPECT_EQ(ids_of(outbox.connection_lost(0)), std::vector<std::uint32_t>{5});
  EXPECT_EQ(ids_of(outbox.take_all()), (std::vector<std::uint32_t>{1, 4}));
}

TEST(Outbox, EntriesThatLeaveWhileTheyWaitForAConnectionAreSkipped) {
  Outbox outbox;
  for (const std::uint32_t id : {1U, 2U, 3U, 4U}) outbox.add(entry(id, false));
  EXPECT_EQ(id_of(outbox.take_ticket(1001)), 1U);
  EXPECT_EQ(id_of(outbox.take_ticket(1003)), 3U);
  ASSERT_NE(outbox.next_unsent(), nullptr);
  EXPECT_EQ(outbox.next_unsent()->op_id, 2U);
  outbox.mark_sent();
  EXPECT_EQ(outbox.next_unsent()->op_id, 4U);
  EXPECT_EQ(id_of(outbox.take(4)), 4U);
  EXPECT_FALSE(outbox.holds_new_frames());
  EXPECT_EQ(id_of(outbox.take(2)), 2U);
  EXPECT_EQ(outbox.size(), 0U);
}

/// Hands over what may be sent now, each entry ten bytes behind the one before it; their ids.
std::vector<std::uint32_t> send_all(Outbox& outbox) {
  std::vector<std::uint32_t> ids;
  std::uint64_t at = 0;
  while (OutboxEntry* next = outbox.next_unsent()) {
    next->position = at;
    at += 10;
    ids.push_back(next->op_id);
    outbox.mark_sent();
  }
  return ids;
}
constexpr std::uint64_t everything = UINT64_MAX;

TEST(Outbox, WhatTwoConnectionsEndedWithGoesAloneAndTheThirdEndIsItsOwn) {
  Outbox outbox;
  for (const std::uint32_t id : {1U, 2U, 3U}) outbox.add(entry(id, false));
  for (int connection = 0; connection < 2; ++connection) {
    EXPECT_EQ(send_all(outbox), (std::vector<std::uint32_t>{1, 2, 3}));
    EXPECT_TRUE(outbox.connection_lost(everything).empty());
  }
  outbox.add(entry(4, false));
  // Its good neighbours go alone as well, one after the other.
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{1});
  EXPECT_TRUE(outbox.holds_new_frames()) << "a new frame must not be beside it";
  EXPECT_EQ(id_of(outbox.take(1)), 1U);
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{2});
  EXPECT_EQ(ids_of(outbox.connection_lost(everything)), std::vector<std::uint32_t>{2});
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{3});
  EXPECT_EQ(id_of(outbox.take(3)), 3U);
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{4});
  EXPECT_FALSE(outbox.holds_new_frames()) << "it has not been cut yet";
}

TEST(Outbox, OnlyFramesOfWhichABrokerCanHaveSeenAByteHaveOneCutMore) {
  Outbox outbox;
  for (const std::uint32_t id : {1U, 2U, 3U}) outbox.add(entry(id, false));
  for (int connection = 0; connection < 2; ++connection) {
    EXPECT_EQ(send_all(outbox), (std::vector<std::uint32_t>{1, 2, 3}));
    EXPECT_TRUE(outbox.connection_lost(11).empty());
  }
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{1});
  EXPECT_EQ(id_of(outbox.take(1)), 1U);
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{2});
  EXPECT_EQ(ids_of(outbox.connection_lost(1)), std::vector<std::uint32_t>{2});
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{3});
  EXPECT_FALSE(outbox.holds_new_frames());
}

TEST(Outbox, OneThatGoesAloneAndExpiresLetsTheNextGo) {
  Outbox outbox;
  outbox.add(entry(1, false, true, TimePoint(seconds(1))));
  outbox.add(entry(2, false, true, TimePoint(seconds(9))));
  for (int connection = 0; connection < 2; ++connection) {
    EXPECT_EQ(send_all(outbox).size(), 2U);
    EXPECT_TRUE(outbox.connection_lost(5).empty());
  }
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{1});
  EXPECT_EQ(ids_of(outbox.take_expired(TimePoint(seconds(2)))), std::vector<std::uint32_t>{1});
  EXPECT_EQ(send_all(outbox), std::vector<std::uint32_t>{2});
}

busrt::base::ByteBuffer topics(Op op, std::vector<std::string_view> patterns) {
  busrt::base::ByteBuffer frame;
  wire::append_topic_request(frame, 7, op, QoS::processed, patterns);
  return frame;
}

/// A connection that has registered: what it is sent, as "op:pattern:pattern" for each request.
class Restored {
 public:
  Restored(Restoration& restoration, const Subscriptions& subscriptions, std::size_t max_body = 1 << 20)
      : restoration_(restoration) {
    restoration_.begin(subscriptions, max_body, bytes_, op_ids_);
  }
  /// The requests that were sent since the last call.
  std::vector<std::string> requests() {
    std::vector<std::string> requests;
    while (!bytes_.empty()) {
      wire::Request request;
      const auto decoded = wire::decode_request(std::as_const(bytes_).data(), UINT32_MAX, request);
      EXPECT_EQ(decoded.status, wire::Decoded::Status::complete);
      std::string text(to_string(request.op));
      for (wire::TopicList list(request.payload); list.more();) text.append(":").append(list.next());
      requests.push_back(text);
      ids_.push_back(request.op_id);
      bytes_.consume(decoded.size);
    }
    return requests;
  }
  /// Answers the oldest request.
  void answer() {
    ASSERT_FALSE(ids_.empty());
    EXPECT_TRUE(restoration_.answered(ids_.front(), bytes_, op_ids_));
    ids_.erase(ids_.begin());
  }

 private:
  Restoration& restoration_;
  busrt::base::ByteBuffer bytes_;
  OpIds op_ids_;
  std::vector<std::uint32_t> ids_;
};

std::vector<std::string> restored(const Subscriptions& subscriptions, std::size_t max_body = 1 << 20) {
  Restoration restoration;
  Restored connection(restoration, subscriptions, max_body);
  const auto requests = connection.requests();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_FALSE(restoration.complete());
    connection.answer();
  }
  EXPECT_TRUE(restoration.complete());
  return requests;
}

TEST(Subscriptions, RestoresWhatABrokerHasConfirmedAndNothingElse) {
  Subscriptions subscriptions;
  EXPECT_TRUE(restored(subscriptions).empty());
  const auto answered = [&](Op op, std::vector<std::string_view> patterns, errc code) {
    const auto frame = topics(op, std::move(patterns));
    subscriptions.answered(frame.data(), code);
  };
  answered(Op::subscribe, {"a/#", "b"}, errc::ok);
  answered(Op::exclude, {"a/noise"}, errc::ok);
  answered(Op::subscribe, {"denied"}, errc::access);
  answered(Op::subscribe, {"partly", "denied"}, errc::access);
  answered(Op::subscribe, {"failed"}, errc::other);
  answered(Op::unsubscribe, {"b", "never"}, errc::ok);
  answered(Op::unsubscribe, {"a/#"}, errc::other);
  EXPECT_EQ(restored(subscriptions),
            (std::vector<std::string>{"exclude:a/noise", "subscribe:a/#:denied:partly"}));
  answered(Op::unexclude, {"a/noise"}, errc::ok);
  EXPECT_EQ(restored(subscriptions), std::vector<std::string>{"subscribe:a/#:denied:partly"});
  busrt::base::ByteBuffer publication;
  wire::append_request(publication, 1, Op::publish, QoS::processed, "topic", {}, {}, {});
  subscriptions.answered(std::as_const(publication).data(), errc::ok);
  EXPECT_EQ(restored(subscriptions, 8),
            (std::vector<std::string>{"subscribe:a/#", "subscribe:denied", "subscribe:partly"}))
      << "in bodies of at most 8 bytes";
  EXPECT_EQ(restored(subscriptions, 12),
            (std::vector<std::string>{"subscribe:a/#:denied", "subscribe:partly"}));
}

TEST(Restoration, APatternForWhichThreeConnectionsEndedIsLeftOutUntilOneIsComplete) {
  Subscriptions subscriptions;
  const auto subscribed = topics(Op::subscribe, {"a", "poison", "z"});
  subscriptions.answered(subscribed.data(), errc::ok);
  const auto excluded = topics(Op::exclude, {"a/noise"});
  subscriptions.answered(excluded.data(), errc::ok);
  Restoration restoration;
  const std::vector<std::string> bulk{"exclude:a/noise", "subscribe:a:poison:z"};
  for (int connection = 0; connection < 2; ++connection) {
    EXPECT_EQ(Restored(restoration, subscriptions).requests(), bulk);
    EXPECT_EQ(restoration.connection_ended(), std::nullopt);
  }
  // One by one, so that each end has its culprit; three ends make it certain.
  for (int connection = 0; connection < 3; ++connection) {
    Restored alone(restoration, subscriptions);
    EXPECT_EQ(alone.requests(), std::vector<std::string>{"exclude:a/noise"});
    alone.answer();
    EXPECT_EQ(alone.requests(), std::vector<std::string>{"subscribe:a"});
    alone.answer();
    EXPECT_EQ(alone.requests(), std::vector<std::string>{"subscribe:poison"});
    EXPECT_EQ(restoration.connection_ended(), connection < 2 ? std::nullopt : std::optional("poison"s));
  }
  Restored without(restoration, subscriptions);
  for (const char* request : {"exclude:a/noise", "subscribe:a", "subscribe:z"}) {
    EXPECT_FALSE(restoration.complete());
    EXPECT_EQ(without.requests(), std::vector<std::string>{request});
    without.answer();
  }
  EXPECT_EQ(without.requests(), std::vector<std::string>());
  ASSERT_TRUE(restoration.complete());
  restoration.finish();
  // The next broker may have other limits.
  EXPECT_EQ(Restored(restoration, subscriptions).requests(), bulk);
}

TEST(CutFrames, CountsFramesWithoutAckOfWhichAnyByteWasNotWritten) {
  busrt::base::ByteBuffer bytes;
  wire::append_request(bytes, 1, Op::publish, QoS::no, "t", {}, {}, as_bytes("one"));
  const std::size_t first = bytes.size();
  wire::append_request(bytes, 2, Op::publish, QoS::processed, "t", {}, {}, as_bytes("two"));
  wire::append_ping(bytes);
  const std::size_t before_last = bytes.size();
  wire::append_request(bytes, 3, Op::message, QoS::realtime, "t", {}, {}, as_bytes("three"));
  const auto all = std::as_const(bytes).data();
  for (std::size_t written = 0; written <= all.size(); ++written) {
    const auto cut = count_cut_frames(all, written);
    const std::uint64_t expected = (written < first ? 1U : 0U) + (written < all.size() ? 1U : 0U);
    EXPECT_EQ(cut.frames, expected) << written;
    EXPECT_EQ(cut.bytes,
              (written < first ? first : 0) + (written < all.size() ? all.size() - before_last : 0));
  }
  EXPECT_EQ(count_cut_frames({}, 0).frames, 0U);
}

}  // namespace
}  // namespace busrt::detail
