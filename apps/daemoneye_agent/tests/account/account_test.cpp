// The books must balance: what was numbered either arrived or is missing, once.
#include "account/account.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "noon.hpp"

namespace daemoneye_agent {
namespace {

using Arrival = SequenceTracker::Arrival;

TEST(SequenceTracker, NumbersInOrderLeaveNoHole) {
  SequenceTracker tracker;
  for (std::uint64_t number = 1; number <= 100; ++number) EXPECT_EQ(tracker.record(number), Arrival::fresh);
  EXPECT_EQ(tracker.last(), 100U);
  EXPECT_EQ(tracker.missing(), 0U);
}

TEST(SequenceTracker, AHoleIsMissingUntilItIsFilled) {
  SequenceTracker tracker;
  tracker.record(1);
  tracker.record(5);
  EXPECT_EQ(tracker.missing(), 3U);
  EXPECT_EQ(tracker.describe_holes(4), "2-4");
  EXPECT_EQ(tracker.record(3), Arrival::fresh);
  EXPECT_EQ(tracker.describe_holes(4), "2, 4");
  EXPECT_EQ(tracker.record(3), Arrival::duplicate);
  EXPECT_EQ(tracker.record(2), Arrival::fresh);
  EXPECT_EQ(tracker.record(4), Arrival::fresh);
  EXPECT_EQ(tracker.missing(), 0U);
}

TEST(SequenceTracker, WhatCameBeforeTheFirstIsMissing) {
  SequenceTracker tracker;
  tracker.record(10);
  EXPECT_EQ(tracker.missing(), 9U);
}

TEST(SequenceTracker, AnAnnouncedEndMakesTheTailMissing) {
  SequenceTracker tracker;
  tracker.record(1);
  tracker.expect_up_to(4);
  EXPECT_EQ(tracker.missing(), 3U);
  tracker.expect_up_to(2);
  EXPECT_EQ(tracker.missing(), 3U);
  EXPECT_EQ(tracker.record(4), Arrival::fresh);
  EXPECT_EQ(tracker.missing(), 2U);
}

TEST(SequenceTracker, AgreesWithASetForAnyOrder) {
  std::mt19937 random(7);
  for (int round = 0; round < 50; ++round) {
    SequenceTracker tracker;
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t number = random() % 200 + 1;
      EXPECT_EQ(tracker.record(number) == Arrival::fresh, seen.insert(number).second);
      EXPECT_EQ(tracker.last(), *seen.rbegin());
      EXPECT_EQ(tracker.missing(), *seen.rbegin() - seen.size());
    }
  }
}

TEST(SequenceTracker, StaysBoundedAndStillCounts) {
  SequenceTracker tracker;
  const std::uint64_t arrived = max_open_holes * 3;
  for (std::uint64_t i = 1; i <= arrived; ++i) tracker.record(i * 2);
  EXPECT_EQ(tracker.missing(), arrived);
  EXPECT_TRUE(tracker.describe_holes(2).starts_with("..., "));
}

using namespace std::chrono_literals;

std::vector<std::string> sentences(const std::vector<Incomplete>& parts) {
  std::vector<std::string> result;
  for (const auto& part : parts) result.push_back(part.describe());
  return result;
}

TEST(Account, AWholeSequenceIsComplete) {
  Account account;
  for (std::uint64_t seq = 1; seq <= 10; ++seq) account.arrived("procmond", 7, seq, noon);
  EXPECT_TRUE(sentences(account.incomplete("procmond")).empty());
  const auto totals = account.totals("procmond");
  EXPECT_EQ(totals.received, 10U);
  EXPECT_EQ(totals.epoch, 7U);
  EXPECT_EQ(totals.seq, 10U);
  EXPECT_TRUE(account.incomplete("unknown").empty());
}

TEST(Account, AHoleIsNamedWithItsNumbersAndTheTimesAroundIt) {
  Account account;
  account.arrived("procmond", 7, 1, noon);
  account.arrived("procmond", 7, 4, noon + 4s);
  account.arrived("procmond", 7, 5, noon + 5s);
  EXPECT_EQ(sentences(account.incomplete("procmond")),
            std::vector<std::string>{
                "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:04.000 UTC: 2 events never arrived: "
                "numbers 2-3 of epoch 7"});
  account.arrived("procmond", 7, 2, noon + 2s);
  account.arrived("procmond", 7, 3, noon + 3s);
  EXPECT_TRUE(account.incomplete("procmond").empty()) << "what arrives late is not missing";
  account.ended_at("procmond", 7, 6, noon + 9s);
  ASSERT_EQ(account.incomplete("procmond").size(), 1U);
  EXPECT_EQ(account.incomplete("procmond")[0].from, noon + 5s);
  EXPECT_EQ(account.incomplete("procmond")[0].to, noon + 9s);
}

TEST(Account, EveryEpochHasItsOwnNumbers) {
  Account account;
  account.arrived("procmond", 7, 1, noon);
  account.arrived("procmond", 8, 1, noon);
  account.arrived("procmond", 8, 2, noon);
  account.arrived("procmond", 7, 1, noon);
  const auto totals = account.totals("procmond");
  EXPECT_EQ(totals.received, 3U);
  EXPECT_EQ(totals.duplicates, 1U);
  EXPECT_EQ(totals.epochs, 2U);
  EXPECT_EQ(totals.missing, 0U);
}

TEST(Account, ARunThatIsCutLosesAnUnknownNumber) {
  Account account;
  account.arrived("procmond", 7, 1, noon);
  account.cut("procmond", 7, 3, noon + 5s);
  EXPECT_EQ(account.totals("procmond").cut_runs, 1U);
  EXPECT_EQ(sentences(account.incomplete("procmond")),
            (std::vector<std::string>{
                "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:05.000 UTC: 2 events never arrived: "
                "numbers 2-3 of epoch 7",
                "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:05.000 UTC: an unknown number of "
                "events may be missing: epoch 7 ended without announcing its last number; 3 is the last that "
                "is known"}));
  account.cut("procmond", 7, 3, noon + 9s);
  EXPECT_EQ(account.incomplete("procmond").back().to, noon + 5s) << "a run ends once";
}

TEST(Account, AnAnnouncementThatComesAfterTheProcessHasEndedCounts) {
  Account account;
  account.arrived("procmond", 7, 1, noon);
  account.cut("procmond", 7, 1, noon + 1s);
  account.arrived("procmond", 7, 2, noon + 1s);
  account.ended_at("procmond", 7, 2, noon + 2s);
  account.cut("procmond", 7, 2, noon + 3s);
  EXPECT_TRUE(sentences(account.incomplete("procmond")).empty());
  EXPECT_EQ(account.totals("procmond").cut_runs, 0U);
}

TEST(Account, ANewRunCutsAnEarlierOneThatHasNotAnnouncedItsEnd) {
  Account account;
  account.arrived("procmond", 7, 1, noon);
  account.ended_at("procmond", 7, 1, noon);
  account.arrived("procmond", 8, 1, noon + 1s);
  EXPECT_TRUE(sentences(account.incomplete("procmond")).empty());
  account.arrived("procmond", 9, 1, noon + 4s);
  ASSERT_EQ(account.incomplete("procmond").size(), 1U);
  EXPECT_EQ(account.incomplete("procmond")[0].from, noon + 1s);
  EXPECT_EQ(account.incomplete("procmond")[0].to, noon + 4s);
}

TEST(Account, LossesAreSummedByCauseAndAReplayedRecordCountsOnce) {
  Account account;
  account.loss_arrived("procmond", 7, 1, noon + 1s, "kernel_buffer_overflow", std::nullopt);
  account.loss_arrived("procmond", 7, 2, noon + 2s, "collector_queue_full", 5);
  account.loss_arrived("procmond", 7, 2, noon + 2s, "collector_queue_full", 5);
  account.loss_arrived("procmond", 7, 3, noon + 3s, "collector_queue_full", 1);
  const auto totals = account.totals("procmond");
  EXPECT_EQ(totals.events_lost, 6U);
  EXPECT_TRUE(totals.events_lost_unknown);
  EXPECT_EQ(totals.received, 3U);
  EXPECT_EQ(totals.duplicates, 1U);
  EXPECT_EQ(totals.losses.at("collector_queue_full").records, 2U);
  EXPECT_EQ(
      sentences(account.incomplete("procmond")),
      (std::vector<std::string>{
          "from 1970-01-01 12:00:01.000 UTC until 1970-01-01 12:00:03.000 UTC: lost 6 events: "
          "collector_queue_full",
          "from 1970-01-01 12:00:01.000 UTC until 1970-01-01 12:00:01.000 UTC: lost an unknown number of "
          "events: kernel_buffer_overflow"}));
}

TEST(Account, ATimeWithoutSightStaysInTheBooks) {
  Account account;
  account.sight_lost("procmond", noon, "ended with signal 9 (Killed)");
  EXPECT_EQ(sentences(account.incomplete("procmond")),
            std::vector<std::string>{"from 1970-01-01 12:00:00.000 UTC and still: blind, and what was seen "
                                     "just before may be lost: ended with signal 9 (Killed)"});
  account.sight_lost("procmond", noon + 1s, "once more before it was back");
  account.sight_restored("procmond", noon + 2s);
  EXPECT_EQ(
      sentences(account.incomplete("procmond")),
      std::vector<std::string>{
          "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:02.000 UTC: blind, and what was seen "
          "just before may be lost: ended with signal 9 (Killed)"});
}

TEST(Account, ATimeWithoutSightNeverBeginsBeforeTheEndOfTheLast) {
  Account account;
  account.sight_lost("procmond", noon, "first");
  account.sight_restored("procmond", noon + 5s);
  account.sight_lost("procmond", noon + 1s, "second");
  EXPECT_EQ(account.incomplete("procmond").back().from, noon + 5s);
}

TEST(Account, IsBoundedInEveryDirectionAndKeepsItsTotals) {
  Account account;
  for (std::uint64_t epoch = 1; epoch <= 100; ++epoch) {
    account.arrived("procmond", epoch, 1, noon);
    account.arrived("procmond", epoch, 3, noon);
    account.sight_lost("procmond", noon, "again");
    account.sight_restored("procmond", noon);
  }
  const auto totals = account.totals("procmond");
  EXPECT_EQ(totals.received, 200U);
  EXPECT_EQ(totals.missing, 100U);
  EXPECT_EQ(totals.epochs, 100U);
  EXPECT_EQ(totals.cut_runs, 99U) << "the last one is still open";
  EXPECT_LE(sentences(account.incomplete("procmond")).size(), 2 * max_account_epochs + max_account_gaps + 3);

  for (int i = 0; i < 1000; ++i) {
    account.arrived("c" + std::to_string(i), 1, 1, noon);
    account.loss_arrived("procmond", 100, static_cast<std::uint64_t>(i) + 4, noon,
                         "cause" + std::to_string(i), 1);
  }
  EXPECT_LE(account.collectors().size(), max_account_collectors + 1);
  EXPECT_LE(account.totals("procmond").losses.size(), max_account_causes + 1);
  EXPECT_EQ(account.totals("procmond").events_lost, 1000U);
}

TEST(Account, ARefusedFrameIsCountedAndNamed) {
  Account account;
  EXPECT_TRUE(account.common().empty());
  account.refused("stranger", "an event in the name of procmond", noon);
  account.refused("stranger", "an event in the name of procmond", noon + 3s);
  EXPECT_EQ(
      sentences(account.common()),
      std::vector<std::string>{
          "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:03.000 UTC: 2 frames on event topics "
          "refused; the last from stranger: an event in the name of procmond"});
}

}  // namespace
}  // namespace daemoneye_agent
