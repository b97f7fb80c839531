// The queue between sources and bus: numbers without holes, losses in their place, retries in order.

#include "runtime/outbox.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <vector>

namespace daemoneye::collector {
namespace {

using Time = std::chrono::system_clock::time_point;

Observation seen(std::string kind = "exec", boost::json::object data = {}) {
  return {std::move(kind), Time(std::chrono::seconds(1)), std::move(data)};
}

Outbox make(std::size_t frames, std::size_t bytes = limits::queue_bytes) {
  return Outbox({.collector = "test", .epoch = 5, .frames = frames, .bytes = bytes});
}

std::vector<events::Event> take_all(Outbox& outbox) {
  std::vector<events::Event> events;
  while (const auto publication = outbox.next()) {
    auto event = events::decode_event(publication->payload);
    EXPECT_TRUE(event.has_value()) << publication->payload;
    EXPECT_EQ(event->seq, publication->seq);
    EXPECT_EQ(events::topic_of(*event), publication->topic);
    events.push_back(std::move(*event));
  }
  return events;
}

/// Events plus the counts of loss records: what the source gave must be this many.
std::uint64_t accounted(const std::vector<events::Event>& events) {
  std::uint64_t sum = 0;
  for (const auto& event : events) {
    sum += event.is_loss() ? events::parse_loss(event.data).value().count.value_or(0) : 1;
  }
  return sum;
}

void expect_no_holes(const std::vector<events::Event>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) EXPECT_EQ(events[i].seq, i + 1);
}

TEST(Outbox, NumbersCountFromOneWithoutHoles) {
  auto outbox = make(10);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::queued);
  const auto events = take_all(outbox);
  ASSERT_EQ(events.size(), 3U);
  expect_no_holes(events);
  EXPECT_EQ(events[0].epoch, 5U);
  EXPECT_EQ(events[0].collector, "test");
  EXPECT_EQ(outbox.seq(), 3U);
}

TEST(Outbox, ARecordOfUnknownFateIsSentAgainAloneAndUnchanged) {
  auto outbox = make(10);
  for (int i = 0; i < 3; ++i) outbox.add("process", seen());
  take_all(outbox);
  outbox.confirm(3);
  outbox.send_again(2);
  const auto again = take_all(outbox);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].seq, 2U);
  EXPECT_EQ(outbox.published(), 3U) << "a repetition is no new record";
  outbox.confirm(1);
  outbox.send_again(1);
  EXPECT_FALSE(outbox.next()) << "what is confirmed stays so";
  outbox.confirm(2);
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, ConfirmedRecordsLeaveAndTheirRoomComesBack) {
  auto outbox = make(10);
  outbox.add("process", seen());
  outbox.add("process", seen());
  take_all(outbox);
  EXPECT_EQ(outbox.queued(), 2U);
  outbox.confirm(2);
  EXPECT_EQ(outbox.queued(), 2U) << "the first still waits, and the queue is in order";
  outbox.confirm(1);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.queued_bytes(), 0U);
  EXPECT_EQ(outbox.confirmed(), 2U);
  outbox.confirm(1);
  EXPECT_EQ(outbox.confirmed(), 2U) << "a confirmation counts once";
}

TEST(Outbox, ConsecutiveShedEventsBecomeOneLossRecordInTheirPlace) {
  auto outbox = make(2);
  outbox.add("process", seen());
  outbox.add("process", seen());
  EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::shed_first);
  EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::shed);
  EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::shed);
  EXPECT_TRUE(outbox.shedding());
  const auto events = take_all(outbox);
  ASSERT_EQ(events.size(), 3U);
  expect_no_holes(events);
  ASSERT_TRUE(events[2].is_loss());
  const auto loss = events::parse_loss(events[2].data).value();
  EXPECT_EQ(loss.count, 3U);
  EXPECT_EQ(loss.cause, cause_queue_full);
  EXPECT_FALSE(loss.detail.empty());
  EXPECT_EQ(outbox.losses().known(cause_queue_full), 3U);
}

TEST(Outbox, ALossRecordThatWasSentDoesNotChange) {
  auto outbox = make(1);
  outbox.add("process", seen());
  outbox.add("process", seen());
  EXPECT_EQ(accounted(take_all(outbox)), 2U);
  outbox.add("process", seen());
  const auto later = take_all(outbox);
  ASSERT_EQ(later.size(), 1U);
  EXPECT_EQ(later[0].seq, 3U);
  EXPECT_EQ(accounted(later), 1U);
  for (std::uint64_t seq = 1; seq <= 3; ++seq) outbox.send_again(seq);
  EXPECT_EQ(accounted(take_all(outbox)), 3U) << "sent again as they were";
}

TEST(Outbox, AfterOverloadEventsAreTakenAgainOnlyBelowTheResumeMark) {
  auto outbox = make(8);
  for (int i = 0; i < 9; ++i) outbox.add("process", seen());
  take_all(outbox);
  outbox.confirm(1);  // eight left, the loss record among them
  EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::shed);
  outbox.confirm(2);  // eight again, with the new loss record
  outbox.confirm(3);
  EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::queued);
  EXPECT_FALSE(outbox.shedding());
}

TEST(Outbox, EveryEventIsAccountedForWhateverTheRhythm) {
  for (std::size_t frames = 1; frames <= 9; ++frames) {
    auto outbox = make(frames);
    std::vector<events::Event> received;
    std::uint64_t given = 0;
    for (std::size_t round = 0; round < 200; ++round) {
      for (std::size_t i = 0; i < round % 13; ++i, ++given) outbox.add("process", seen());
      EXPECT_LE(outbox.queued(), frames + limits::loss_causes);
      for (std::size_t i = 0; i < round % 5; ++i) {
        const auto publication = outbox.next();
        if (!publication) break;
        received.push_back(events::decode_event(publication->payload).value());
        outbox.confirm(publication->seq);
      }
    }
    for (const auto& event : take_all(outbox)) received.push_back(event);
    expect_no_holes(received);
    EXPECT_EQ(accounted(received), given) << frames;
    EXPECT_EQ(received.size(), outbox.seq());
  }
}

TEST(Outbox, BytesBoundTheQueueAsWell) {
  auto outbox = make(1000, 8192);
  const std::string big(3000, 'x');
  EXPECT_EQ(outbox.add("process", seen("exec", {{"path", big}})), Outbox::Added::queued);
  EXPECT_EQ(outbox.add("process", seen("exec", {{"path", big}})), Outbox::Added::queued);
  EXPECT_EQ(outbox.add("process", seen("exec", {{"path", big}})), Outbox::Added::shed_first);
  EXPECT_LE(outbox.queued_bytes(), 8192U + 1024U);
}

TEST(Outbox, AnEventOverTheSizeLimitIsALossWithItsOwnCause) {
  auto outbox = Outbox({.collector = "test", .epoch = 5, .event_bytes = 1000});
  outbox.add("process", seen("exec", {{"path", std::string(2000, 'x')}}));
  outbox.add("process", seen());
  const auto events = take_all(outbox);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events::parse_loss(events[0].data).value().cause, cause_too_large);
  EXPECT_FALSE(outbox.shedding()) << "the queue itself has room";
}

TEST(Outbox, AKindThatCannotStandInATopicIsALoss) {
  for (const auto* const kind : {"", "a.b", "*", "loss"}) {
    auto outbox = make(10);
    outbox.add("process", seen(kind));
    const auto events = take_all(outbox);
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events::parse_loss(events[0].data).value().cause, cause_malformed) << kind;
  }
}

TEST(Outbox, LossesJoinOnlyWhenDomainAndCauseAreTheSame) {
  auto outbox = make(10);
  const Time now{};
  outbox.add_loss("process", {2, "kernel", "a"}, now);
  outbox.add_loss("process", {3, "kernel", "b"}, now);
  outbox.add_loss("network", {1, "kernel", "c"}, now);
  outbox.add_loss("process", {std::nullopt, "kernel", "d"}, now);
  outbox.add_loss("process", {4, "kernel", "e"}, now);
  outbox.add("process", seen());
  outbox.add_loss("process", {1, "kernel", "f"}, now);
  const auto events = take_all(outbox);
  ASSERT_EQ(events.size(), 5U);
  EXPECT_EQ(events::parse_loss(events[0].data).value().count, 9U);
  EXPECT_EQ(events[1].domain, "network");
  EXPECT_EQ(events::parse_loss(events[2].data).value().count, std::nullopt);
  EXPECT_FALSE(events[3].is_loss());
  EXPECT_EQ(events::parse_loss(events[4].data).value().count, 1U) << "an event in between parts them";
}

TEST(Outbox, CausesWithoutEndDoNotGrowTheQueue) {
  auto outbox = make(4);
  for (int i = 0; i < 1000; ++i) outbox.add_loss("process", {1, "cause" + std::to_string(i), ""}, Time{});
  EXPECT_LE(outbox.queued(), limits::loss_causes);
  EXPECT_EQ(accounted(take_all(outbox)), 1000U);
}

TEST(Outbox, AfterALostConnectionWhatIsUnconfirmedGoesOutAgainInOrder) {
  auto outbox = make(10);
  for (int i = 0; i < 4; ++i) outbox.add("process", seen());
  EXPECT_EQ(take_all(outbox).size(), 4U);
  outbox.confirm(1);
  outbox.confirm(3);
  for (std::uint64_t seq = 1; seq <= 4; ++seq) outbox.send_again(seq);
  outbox.add("process", seen());
  std::vector<std::uint64_t> numbers;
  for (const auto& event : take_all(outbox)) numbers.push_back(event.seq);
  EXPECT_EQ(numbers, (std::vector<std::uint64_t>{2, 4, 5}));
  EXPECT_EQ(outbox.published(), 5U) << "a repetition is not another publication";
}

TEST(Outbox, ARefusedEventBecomesALossRecordWithItsNumber) {
  auto outbox = make(10);
  outbox.add("process", seen());
  outbox.add("process", seen());
  take_all(outbox);
  outbox.refuse(1, "access denied");
  const auto again = take_all(outbox);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].seq, 1U);
  EXPECT_EQ(events::parse_loss(again[0].data).value().cause, cause_refused);
  outbox.refuse(1, "access denied");
  outbox.confirm(2);
  EXPECT_TRUE(outbox.empty()) << "a refused loss record is given up";
  EXPECT_EQ(outbox.refused(), 1U);
  EXPECT_EQ(outbox.queued_bytes(), 0U);
}

TEST(OutboxCommit, WithoutCommitsRecordsLeaveWhenTheBusHasTakenThem) {
  auto outbox = make(10);
  for (int i = 0; i < 3; ++i) outbox.add("process", seen());
  take_all(outbox);
  EXPECT_EQ(outbox.accepted(), 0U);
  outbox.confirm(2);
  EXPECT_EQ(outbox.accepted(), 0U) << "the first is not there yet";
  outbox.confirm(1);
  EXPECT_EQ(outbox.accepted(), 2U);
  EXPECT_EQ(outbox.committed(), 0U);
  EXPECT_EQ(outbox.queued(), 1U);
}

TEST(OutboxCommit, WithCommitsRecordsLeaveWhenTheStoreHasThem) {
  auto outbox = make(10);
  for (int i = 0; i < 4; ++i) outbox.add("process", seen());
  outbox.commit(0, std::nullopt);
  take_all(outbox);
  for (std::uint64_t seq = 1; seq <= 3; ++seq) outbox.confirm(seq);
  EXPECT_EQ(outbox.accepted(), 3U);
  EXPECT_EQ(outbox.queued(), 4U);
  outbox.commit(2, std::nullopt);
  EXPECT_EQ(outbox.queued(), 2U);
  EXPECT_EQ(outbox.committed(), 2U);
  EXPECT_EQ(outbox.accepted(), 3U);
  outbox.commit(1, std::nullopt);
  EXPECT_EQ(outbox.committed(), 2U) << "it does not go back";
  outbox.commit(100, std::nullopt);
  EXPECT_EQ(outbox.committed(), 4U) << "what was never given cannot be stored";
  EXPECT_EQ(outbox.queued(), 1U) << "the bus has not answered for the last one";
  outbox.confirm(4);
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.confirmed(), 4U);
}

TEST(OutboxCommit, UncommittedRecordsFillTheQueue) {
  auto outbox = make(4);
  outbox.commit(0, std::nullopt);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::queued);
  take_all(outbox);
  for (std::uint64_t seq = 1; seq <= 4; ++seq) outbox.confirm(seq);
  EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::shed_first);
  outbox.commit(4, std::nullopt);
  EXPECT_EQ(outbox.add("process", seen()), Outbox::Added::queued);
}

TEST(OutboxCommit, ANewConnectionSendsAllThatIsNotCommitted) {
  auto outbox = make(10);
  for (int i = 0; i < 5; ++i) outbox.add("process", seen());
  outbox.commit(0, std::nullopt);
  take_all(outbox);
  for (std::uint64_t seq = 1; seq <= 4; ++seq) outbox.confirm(seq);
  outbox.commit(1, std::nullopt);
  outbox.rewind_accepted();
  EXPECT_EQ(outbox.accepted(), 1U) << "what the bus had taken may be gone with it";
  outbox.send_again(5);
  const auto first = outbox.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->seq, 2U);
  // The store had more than it could say before the connection was lost.
  outbox.commit(4, std::nullopt);
  outbox.confirm(2);
  const auto rest = take_all(outbox);
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].seq, 5U);
  outbox.confirm(5);
  EXPECT_EQ(outbox.confirmed(), 5U) << "each record once, however often it was sent";
  EXPECT_EQ(outbox.published(), 5U);
}

TEST(OutboxCommit, CreditBoundsWhatIsHandedOut) {
  auto outbox = make(10);
  for (int i = 0; i < 6; ++i) outbox.add("process", seen());
  outbox.commit(0, 2);
  EXPECT_EQ(take_all(outbox).size(), 2U);
  outbox.confirm(1);
  outbox.confirm(2);
  EXPECT_FALSE(outbox.next()) << "accepted is not committed";
  outbox.commit(1, 2);
  EXPECT_EQ(take_all(outbox).size(), 1U);
  outbox.commit(3, 0);
  EXPECT_FALSE(outbox.next());
  outbox.commit(3, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(take_all(outbox).size(), 3U);
  outbox.send_again(4);
  outbox.commit(3, 0);
  EXPECT_FALSE(outbox.next());
  outbox.rewind_accepted();
  EXPECT_TRUE(outbox.next()) << "a grant ends with its connection";
}

TEST(OutboxCommit, ALossThatTheBusRefusesIsNotSentAgain) {
  auto outbox = make(10);
  outbox.commit(0, std::nullopt);
  outbox.add_loss("process", {3, "cause", "detail"}, Time());
  outbox.add("process", seen());
  take_all(outbox);
  outbox.refuse(1, "no");
  outbox.confirm(2);
  EXPECT_EQ(outbox.accepted(), 2U);
  outbox.rewind_accepted();
  const auto again = take_all(outbox);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].seq, 2U);
  EXPECT_EQ(outbox.refused(), 1U);
}

}  // namespace
}  // namespace daemoneye::collector
