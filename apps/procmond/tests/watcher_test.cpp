// The watching thread: what is reported reaches the sink, losses are told and followed by a rescan.
#include "watcher.hpp"

#include <gtest/gtest.h>

#include "daemoneye/collector/testing/recording_sink.hpp"
#include "fake_feed.hpp"
#include "fake_host.hpp"

namespace procmond {
namespace {

using daemoneye::collector::Observation;

/// A fake host is not thread-safe: tests change it while no watcher runs, or on the watching thread.
class WatcherTest : public ::testing::Test {
 protected:
  WatcherTest() {
    host.add(1, 0, "init", 0);
    host.now_ns = 100 * FakeHost::tick_ns;
  }
  Watcher& watch(bool with_feed = true, std::chrono::milliseconds interval = std::chrono::hours(1)) {
    std::unique_ptr<KernelFeed> own;
    if (with_feed) own = std::make_unique<FakeFeed>(feed);
    watcher.emplace(tracker, sink, statistics, std::move(own), interval);
    watcher->start(false);
    return *watcher;
  }
  bool saw(const std::string& kind, Pid pid, const std::string& by) {
    return sink.wait_for([&](const Observation& seen) {
      return seen.kind == kind && seen.data.at("process").at("pid") == pid &&
             seen.data.at("observed_by") == by.c_str();
    });
  }
  [[nodiscard]] bool scanned(std::uint64_t times) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (statistics.scans.get() < times && std::chrono::steady_clock::now() < deadline)
      std::this_thread::yield();
    return statistics.scans.get() >= times;
  }

  FakeHost host;
  daemoneye::collector::testing::RecordingSink sink;
  Statistics statistics;
  Tracker tracker{host, sink, statistics};
  std::shared_ptr<FakeFeedState> feed = std::make_shared<FakeFeedState>();
  std::optional<Watcher> watcher;
};

TEST_F(WatcherTest, BeginsWithTheSnapshotAndGoesOnWithEvents) {
  watch();
  EXPECT_TRUE(saw("snapshot", 1, "snapshot"));
  feed->push(fork_at(200, 1, 50));
  feed->push(exit_at(201, 50));
  EXPECT_TRUE(saw("exit", 50, "connector"));
}

TEST_F(WatcherTest, WhatWasReportedBeforeTheStopIsHandled) {
  watch();
  EXPECT_TRUE(saw("snapshot", 1, "snapshot"));
  for (Pid pid = 50; pid < 1050; ++pid) feed->push(fork_at(200, 1, pid));
  watcher->stop();
  EXPECT_EQ(sink.count("new"), 1000U);
}

TEST_F(WatcherTest, AnOverflowIsALossAndARescan) {
  host.add(50, 20);
  watch();
  EXPECT_TRUE(saw("snapshot", 50, "snapshot"));
  feed->lose({.overflow = true, .dropped = 12}, [this] {
    host.processes.erase(50);
    host.add(51, 150);
    host.now_ns = 200 * FakeHost::tick_ns;
  });
  EXPECT_TRUE(saw("new", 51, "rescan"));
  EXPECT_TRUE(saw("exit", 50, "rescan"));
  watcher->stop();
  const auto losses = sink.losses();
  ASSERT_EQ(losses.size(), 1U);
  EXPECT_EQ(losses[0].count, 12U);
  EXPECT_EQ(losses[0].cause, "kernel_buffer_overflow");
  EXPECT_EQ(statistics.lost_messages.get(), 12U);
}

TEST_F(WatcherTest, AnOverflowOfUnknownSizeIsSaidToBeThat) {
  watch();
  feed->lose({.overflow = true});
  EXPECT_TRUE(saw("snapshot", 1, "snapshot"));
  watcher->stop();
  ASSERT_EQ(sink.losses().size(), 1U);
  EXPECT_FALSE(sink.losses()[0].count);
}

TEST_F(WatcherTest, MissingNumbersAreALossOfTheirOwnCause) {
  watch();
  feed->lose({.unnumbered = 3});
  EXPECT_TRUE(saw("snapshot", 1, "snapshot"));
  watcher->stop();
  ASSERT_EQ(sink.losses().size(), 1U);
  EXPECT_EQ(sink.losses()[0].count, 3U);
  EXPECT_EQ(sink.losses()[0].cause, "kernel_message_missing");
}

TEST_F(WatcherTest, ABrokenFeedIsSaidAndScansTakeItsPlace) {
  host.add(50, 20);
  watch(true, std::chrono::milliseconds(1));
  EXPECT_TRUE(saw("snapshot", 50, "snapshot"));
  watcher->stop();
  host.processes.erase(50);
  feed->break_down("no more");
  watcher->start(true);
  EXPECT_TRUE(saw("exit", 50, "rescan"));
  EXPECT_NE(watcher->failure().find("no more"), std::string::npos);
  watcher->stop();
  host.add(51, 150);
  watcher->start(true);
  EXPECT_TRUE(saw("new", 51, "rescan"));
  EXPECT_TRUE(scanned(1));
  watcher->stop();
  ASSERT_EQ(sink.losses().size(), 1U);
  EXPECT_EQ(sink.losses()[0].cause, "kernel_feed_failed");
}

TEST_F(WatcherTest, ScansWithoutAFeed) {
  watch(false, std::chrono::milliseconds(1));
  EXPECT_TRUE(saw("snapshot", 1, "snapshot"));
  EXPECT_TRUE(scanned(3));
  watcher->stop();
}

TEST_F(WatcherTest, AnUnreadableHostIsAFailureThatIsSaid) {
  host.list_fails = true;
  watch();
  watcher->stop();
  EXPECT_NE(watcher->failure().find("/proc"), std::string::npos);
}

}  // namespace
}  // namespace procmond
