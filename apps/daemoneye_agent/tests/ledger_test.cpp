// The books must balance: what was numbered either arrived or is missing, once.
#include "ledger/ledger.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

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

const Ledger::Time noon{std::chrono::hours(12)};

TEST(Ledger, AWholeSequenceIsComplete) {
  Ledger ledger;
  for (std::uint64_t seq = 1; seq <= 10; ++seq) ledger.arrived("procmond", 7, seq);
  EXPECT_TRUE(ledger.reasons("procmond").empty());
  const auto totals = ledger.totals("procmond");
  EXPECT_EQ(totals.received, 10U);
  EXPECT_EQ(totals.epoch, 7U);
  EXPECT_EQ(totals.seq, 10U);
  EXPECT_TRUE(ledger.reasons("nobody").empty());
}

TEST(Ledger, AHoleIsNamedWithItsNumbers) {
  Ledger ledger;
  ledger.arrived("procmond", 7, 1);
  ledger.arrived("procmond", 7, 4);
  ASSERT_EQ(ledger.reasons("procmond").size(), 1U);
  EXPECT_EQ(ledger.reasons("procmond")[0], "2 events never arrived: numbers 2-3 of epoch 7");
}

TEST(Ledger, EveryEpochHasItsOwnNumbers) {
  Ledger ledger;
  ledger.arrived("procmond", 7, 1);
  ledger.arrived("procmond", 8, 1);
  ledger.arrived("procmond", 8, 2);
  ledger.arrived("procmond", 7, 1);
  const auto totals = ledger.totals("procmond");
  EXPECT_EQ(totals.received, 3U);
  EXPECT_EQ(totals.duplicates, 1U);
  EXPECT_EQ(totals.epochs, 2U);
  EXPECT_TRUE(ledger.reasons("procmond").empty());
}

TEST(Ledger, LossesAreSummedByCauseAndAReplayedRecordCountsOnce) {
  Ledger ledger;
  ledger.loss_arrived("procmond", 7, 1, "kernel_buffer_overflow", std::nullopt);
  ledger.loss_arrived("procmond", 7, 2, "collector_queue_full", 5);
  ledger.loss_arrived("procmond", 7, 2, "collector_queue_full", 5);
  ledger.loss_arrived("procmond", 7, 3, "collector_queue_full", 1);
  const auto totals = ledger.totals("procmond");
  EXPECT_EQ(totals.events_lost, 6U);
  EXPECT_TRUE(totals.events_lost_unknown);
  EXPECT_EQ(totals.received, 3U);
  EXPECT_EQ(totals.duplicates, 1U);
  EXPECT_EQ(totals.losses.at("collector_queue_full").records, 2U);
  EXPECT_EQ(ledger.reasons("procmond"),
            (std::vector<std::string>{"lost 6 events: collector_queue_full",
                                      "lost an unknown number of events: kernel_buffer_overflow"}));
}

TEST(Ledger, ATimeWithoutSightStaysInTheBooks) {
  Ledger ledger;
  ledger.sight_lost("procmond", noon, "ended with signal 9 (Killed)");
  EXPECT_EQ(ledger.reasons("procmond")[0],
            "blind from 1970-01-01 12:00:00.000 UTC and still, and what was seen just before may be lost: "
            "ended with "
            "signal 9 (Killed)");
  ledger.sight_lost("procmond", noon + std::chrono::seconds(1), "once more before it was back");
  ledger.sight_restored("procmond", noon + std::chrono::seconds(2));
  ASSERT_EQ(ledger.reasons("procmond").size(), 1U);
  EXPECT_EQ(ledger.reasons("procmond")[0],
            "blind from 1970-01-01 12:00:00.000 UTC until 1970-01-01 12:00:02.000 UTC, and what was seen "
            "just before "
            "may be lost: ended with signal 9 (Killed)");
}

TEST(Ledger, IsBoundedInEveryDirectionAndKeepsItsTotals) {
  Ledger ledger;
  for (std::uint64_t epoch = 1; epoch <= 100; ++epoch) {
    ledger.arrived("procmond", epoch, 1);
    ledger.arrived("procmond", epoch, 3);
    ledger.sight_lost("procmond", noon, "again");
    ledger.sight_restored("procmond", noon);
  }
  const auto totals = ledger.totals("procmond");
  EXPECT_EQ(totals.received, 200U);
  EXPECT_EQ(totals.missing, 100U);
  EXPECT_EQ(totals.epochs, 100U);
  EXPECT_LE(ledger.reasons("procmond").size(), max_ledger_epochs + max_ledger_gaps + 2);

  for (int i = 0; i < 1000; ++i) {
    ledger.arrived("c" + std::to_string(i), 1, 1);
    ledger.loss_arrived("procmond", 100, static_cast<std::uint64_t>(i) + 4, "cause" + std::to_string(i), 1);
  }
  EXPECT_LE(ledger.collectors().size(), max_ledger_collectors + 1);
  EXPECT_LE(ledger.totals("procmond").losses.size(), max_ledger_causes + 1);
  EXPECT_EQ(ledger.totals("procmond").events_lost, 1000U);
}

TEST(Ledger, ARefusedFrameIsCountedAndNamed) {
  Ledger ledger;
  EXPECT_TRUE(ledger.common_reasons().empty());
  ledger.refused("stranger", "an event in the name of procmond");
  EXPECT_EQ(ledger.common_reasons(),
            std::vector<std::string>{
                "1 frame on event topics refused; the last from stranger: an event in the name of procmond"});
}

}  // namespace
}  // namespace daemoneye_agent
