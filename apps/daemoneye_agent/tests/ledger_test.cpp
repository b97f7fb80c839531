// The books must balance: what was numbered either arrived or is missing, once.
#include "ledger/ledger.hpp"

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

TEST(Ledger, AWholeSequenceIsComplete) {
  Ledger ledger;
  for (std::uint64_t seq = 1; seq <= 10; ++seq) ledger.arrived("procmond", 7, seq, noon);
  EXPECT_TRUE(sentences(ledger.incomplete("procmond")).empty());
  const auto totals = ledger.totals("procmond");
  EXPECT_EQ(totals.received, 10U);
  EXPECT_EQ(totals.epoch, 7U);
  EXPECT_EQ(totals.seq, 10U);
  EXPECT_TRUE(ledger.incomplete("nobody").empty());
}

TEST(Ledger, AHoleIsNamedWithItsNumbersAndTheTimesAroundIt) {
  Ledger ledger;
  ledger.arrived("procmond", 7, 1, noon);
  ledger.arrived("procmond", 7, 4, noon + 4s);
  ledger.arrived("procmond", 7, 5, noon + 5s);
  EXPECT_EQ(sentences(ledger.incomplete("procmond")),
            std::vector<std::string>{
                "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:04.000 UTC: 2 events never arrived: "
                "numbers 2-3 of epoch 7"});
  ledger.arrived("procmond", 7, 2, noon + 2s);
  ledger.arrived("procmond", 7, 3, noon + 3s);
  EXPECT_TRUE(ledger.incomplete("procmond").empty()) << "what arrives late is not missing";
  ledger.ended_at("procmond", 7, 6, noon + 9s);
  ASSERT_EQ(ledger.incomplete("procmond").size(), 1U);
  EXPECT_EQ(ledger.incomplete("procmond")[0].from, noon + 5s);
  EXPECT_EQ(ledger.incomplete("procmond")[0].to, noon + 9s);
}

TEST(Ledger, EveryEpochHasItsOwnNumbers) {
  Ledger ledger;
  ledger.arrived("procmond", 7, 1, noon);
  ledger.arrived("procmond", 8, 1, noon);
  ledger.arrived("procmond", 8, 2, noon);
  ledger.arrived("procmond", 7, 1, noon);
  const auto totals = ledger.totals("procmond");
  EXPECT_EQ(totals.received, 3U);
  EXPECT_EQ(totals.duplicates, 1U);
  EXPECT_EQ(totals.epochs, 2U);
  EXPECT_EQ(totals.missing, 0U);
}

TEST(Ledger, ARunThatIsCutLosesAnUnknownNumber) {
  Ledger ledger;
  ledger.arrived("procmond", 7, 1, noon);
  ledger.cut("procmond", 7, 3, noon + 5s);
  EXPECT_EQ(ledger.totals("procmond").cut_runs, 1U);
  EXPECT_EQ(sentences(ledger.incomplete("procmond")),
            (std::vector<std::string>{
                "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:05.000 UTC: 2 events never arrived: "
                "numbers 2-3 of epoch 7",
                "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:05.000 UTC: an unknown number of "
                "events may be missing: epoch 7 ended without announcing its last number; 3 is the last that "
                "is known"}));
  ledger.cut("procmond", 7, 3, noon + 9s);
  EXPECT_EQ(ledger.incomplete("procmond").back().to, noon + 5s) << "a run ends once";
}

TEST(Ledger, AnAnnouncementThatComesAfterTheProcessHasEndedCounts) {
  Ledger ledger;
  ledger.arrived("procmond", 7, 1, noon);
  ledger.cut("procmond", 7, 1, noon + 1s);
  ledger.arrived("procmond", 7, 2, noon + 1s);
  ledger.ended_at("procmond", 7, 2, noon + 2s);
  ledger.cut("procmond", 7, 2, noon + 3s);
  EXPECT_TRUE(sentences(ledger.incomplete("procmond")).empty());
  EXPECT_EQ(ledger.totals("procmond").cut_runs, 0U);
}

TEST(Ledger, ANewRunCutsAnEarlierOneThatHasNotAnnouncedItsEnd) {
  Ledger ledger;
  ledger.arrived("procmond", 7, 1, noon);
  ledger.ended_at("procmond", 7, 1, noon);
  ledger.arrived("procmond", 8, 1, noon + 1s);
  EXPECT_TRUE(sentences(ledger.incomplete("procmond")).empty());
  ledger.arrived("procmond", 9, 1, noon + 4s);
  ASSERT_EQ(ledger.incomplete("procmond").size(), 1U);
  EXPECT_EQ(ledger.incomplete("procmond")[0].from, noon + 1s);
  EXPECT_EQ(ledger.incomplete("procmond")[0].to, noon + 4s);
}

TEST(Ledger, LossesAreSummedByCauseAndAReplayedRecordCountsOnce) {
  Ledger ledger;
  ledger.loss_arrived("procmond", 7, 1, noon + 1s, "kernel_buffer_overflow", std::nullopt);
  ledger.loss_arrived("procmond", 7, 2, noon + 2s, "collector_queue_full", 5);
  ledger.loss_arrived("procmond", 7, 2, noon + 2s, "collector_queue_full", 5);
  ledger.loss_arrived("procmond", 7, 3, noon + 3s, "collector_queue_full", 1);
  const auto totals = ledger.totals("procmond");
  EXPECT_EQ(totals.events_lost, 6U);
  EXPECT_TRUE(totals.events_lost_unknown);
  EXPECT_EQ(totals.received, 3U);
  EXPECT_EQ(totals.duplicates, 1U);
  EXPECT_EQ(totals.losses.at("collector_queue_full").records, 2U);
  EXPECT_EQ(
      sentences(ledger.incomplete("procmond")),
      (std::vector<std::string>{
          "from 1970-01-01 12:00:01.000 UTC until 1970-01-01 12:00:03.000 UTC: lost 6 events: "
          "collector_queue_full",
          "from 1970-01-01 12:00:01.000 UTC until 1970-01-01 12:00:01.000 UTC: lost an unknown number of "
          "events: kernel_buffer_overflow"}));
}

TEST(Ledger, ATimeWithoutSightStaysInTheBooks) {
  Ledger ledger;
  ledger.sight_lost("procmond", noon, "ended with signal 9 (Killed)");
  EXPECT_EQ(sentences(ledger.incomplete("procmond")),
            std::vector<std::string>{"from 1970-01-01 12:00:00.000 UTC and still: blind, and what was seen "
                                     "just before may be lost: ended with signal 9 (Killed)"});
  ledger.sight_lost("procmond", noon + 1s, "once more before it was back");
  ledger.sight_restored("procmond", noon + 2s);
  EXPECT_EQ(
      sentences(ledger.incomplete("procmond")),
      std::vector<std::string>{
          "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:02.000 UTC: blind, and what was seen "
          "just before may be lost: ended with signal 9 (Killed)"});
}

TEST(Ledger, ATimeWithoutSightNeverBeginsBeforeTheEndOfTheLast) {
  Ledger ledger;
  ledger.sight_lost("procmond", noon, "first");
  ledger.sight_restored("procmond", noon + 5s);
  ledger.sight_lost("procmond", noon + 1s, "second");
  EXPECT_EQ(ledger.incomplete("procmond").back().from, noon + 5s);
}

TEST(Ledger, IsBoundedInEveryDirectionAndKeepsItsTotals) {
  Ledger ledger;
  for (std::uint64_t epoch = 1; epoch <= 100; ++epoch) {
    ledger.arrived("procmond", epoch, 1, noon);
    ledger.arrived("procmond", epoch, 3, noon);
    ledger.sight_lost("procmond", noon, "again");
    ledger.sight_restored("procmond", noon);
  }
  const auto totals = ledger.totals("procmond");
  EXPECT_EQ(totals.received, 200U);
  EXPECT_EQ(totals.missing, 100U);
  EXPECT_EQ(totals.epochs, 100U);
  EXPECT_EQ(totals.cut_runs, 99U) << "the last one is still open";
  EXPECT_LE(sentences(ledger.incomplete("procmond")).size(), 2 * max_ledger_epochs + max_ledger_gaps + 3);

  for (int i = 0; i < 1000; ++i) {
    ledger.arrived("c" + std::to_string(i), 1, 1, noon);
    ledger.loss_arrived("procmond", 100, static_cast<std::uint64_t>(i) + 4, noon, "cause" + std::to_string(i),
                        1);
  }
  EXPECT_LE(ledger.collectors().size(), max_ledger_collectors + 1);
  EXPECT_LE(ledger.totals("procmond").losses.size(), max_ledger_causes + 1);
  EXPECT_EQ(ledger.totals("procmond").events_lost, 1000U);
}

TEST(Ledger, ARefusedFrameIsCountedAndNamed) {
  Ledger ledger;
  EXPECT_TRUE(ledger.common().empty());
  ledger.refused("stranger", "an event in the name of procmond", noon);
  ledger.refused("stranger", "an event in the name of procmond", noon + 3s);
  EXPECT_EQ(
      sentences(ledger.common()),
      std::vector<std::string>{
          "from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:03.000 UTC: 2 frames on event topics "
          "refused; the last from stranger: an event in the name of procmond"});
}

}  // namespace
}  // namespace daemoneye_agent
