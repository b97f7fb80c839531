// What a watcher may claim: never that all is there when nobody can know.
#include "watch_account.hpp"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <chrono>

#include "numbered_event.hpp"
#include "terminal.hpp"

namespace daemoneye_cli {
namespace {

using Notices = WatchAccount::Notices;
const WatchAccount::Time noon{std::chrono::hours(12)};

boost::json::object news(const char* reason = "") {
  return {{"collector", "procmond"}, {"reason", reason}};
}

boost::json::object status(const char* state, const char* reason = "") {
  boost::json::object collector{{"name", "procmond"}, {"state", state}, {"reason", reason}};
  return {{"collectors", boost::json::array{collector}}};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(WatchAccount, AWholeRunLostNothing) {
  WatchAccount account(true);
  account.status(status("running"), false, noon);
  EXPECT_EQ(account.event(numbered(7)), Notices{});
  EXPECT_EQ(account.event(numbered(8)), Notices{});
  account.status(status("running"), true, noon);
  EXPECT_EQ(account.summary(), "nothing was lost");
  EXPECT_EQ(WatchAccount(false).summary(), "no collector reported a loss");
}

TEST(WatchAccount, AKilledCollectorMayHaveTakenSomethingWithIt) {
  WatchAccount account(true);
  static_cast<void>(account.event(numbered(7)));
  const auto said = account.collector_news("exited", news("ended with signal 9 (Killed)"), noon);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(has(said[0], "procmond ended with signal 9 (Killed); the last that it saw")) << said[0];
  EXPECT_TRUE(has(account.summary(), "nothing of procmond is seen since")) << account.summary();
  EXPECT_EQ(account.collector_news("started", news(), noon), Notices{});
  EXPECT_EQ(account.collector_news("registered", news(), noon), Notices{"procmond watches again"});
  EXPECT_EQ(account.event(numbered(1, 2)), Notices{}) << "its end is in the account already";
  const std::string summary = account.summary();
  EXPECT_TRUE(has(summary, "not known to be complete: procmond ended once without a last word")) << summary;
  EXPECT_FALSE(has(summary, "is seen since")) << summary;
  EXPECT_FALSE(has(summary, "nothing was lost")) << summary;
}

TEST(WatchAccount, ARunThatIsCutLosesAnUnknownNumberBetweenTwoTimes) {
  WatchAccount account(true);
  auto event = numbered(7);
  event.time = noon;
  static_cast<void>(account.event(event));
  const auto later = noon + std::chrono::seconds(90);
  static_cast<void>(account.collector_news("exited", news("ended with signal 9 (Killed)"), later));
  const std::string expected =
      "procmond ended once without a last word (ended with signal 9 (Killed)), so an unknown number of its "
      "events from " +
      local_time(noon) + " to " + local_time(later) + " may be missing";
  EXPECT_TRUE(has(account.summary(), expected)) << account.summary();
}

TEST(WatchAccount, ACollectorThatIsKilledWhileItStopsHasNotSaidAll) {
  WatchAccount account(true);
  static_cast<void>(account.event(numbered(7)));
  auto killed = news("killed: still there after its grace period of 5000 ms");
  killed["pid"] = 41;
  static_cast<void>(account.collector_news("stopped", killed, noon));
  EXPECT_TRUE(has(account.summary(), "an unknown number of its events")) << account.summary();
  WatchAccount waiting(true);
  static_cast<void>(waiting.collector_news("stopped", news("was not running"), noon));
  EXPECT_FALSE(has(waiting.summary(), "an unknown number")) << waiting.summary();
}

TEST(WatchAccount, ACollectorWhoseSourcesAreStoppedHasNotEnded) {
  WatchAccount account(true);
  static_cast<void>(account.event(numbered(7)));
  EXPECT_EQ(account.health("procmond", {{"state", "stopped"}, {"epoch", 1}, {"seq", 9}}, noon), Notices{});
  EXPECT_EQ(account.summary(), "nothing was lost");
}

TEST(WatchAccount, ANewEpochAloneSaysThatTheCollectorWasStartedAnew) {
  for (const bool whole : {true, false}) {
    WatchAccount account(whole);
    static_cast<void>(account.event(numbered(7)));
    const auto said = account.event(numbered(1, 2));
    ASSERT_EQ(said.size(), 1U);
    EXPECT_TRUE(has(said[0], "procmond was started anew")) << said[0];
    EXPECT_TRUE(has(account.summary(), "ended once without a last word")) << account.summary();
  }
}

TEST(WatchAccount, ANewRunIsHeardFromItsFirstNumberOn) {
  WatchAccount account(true);
  static_cast<void>(account.event(numbered(7)));
  const auto said = account.event(numbered(4, 2));
  ASSERT_EQ(said.size(), 2U);
  EXPECT_EQ(said[1], "3 events of procmond did not arrive here (numbers 1 to 3)");
  WatchAccount fresh(true);
  EXPECT_EQ(fresh.event(numbered(4)), Notices{}) << "watching begins somewhere";
  WatchAccount started(true);
  static_cast<void>(started.collector_news("started", news(), noon));
  EXPECT_EQ(started.event(numbered(4)).size(), 1U);
}

TEST(WatchAccount, ALastHealthRecordMakesTheEndKnown) {
  const boost::json::object stopped{{"state", "stopped"}, {"epoch", 1}, {"seq", 9}, {"last", true}};
  WatchAccount account(true);
  static_cast<void>(account.event(numbered(7)));
  EXPECT_EQ(account.health("procmond", stopped, noon),
            Notices{"2 events of procmond did not arrive here (numbers 8 to 9)"});
  static_cast<void>(account.collector_news("exited", news("ended with exit code 0"), noon));
  EXPECT_EQ(account.event(numbered(1, 2)), Notices{"procmond watches again"});
  EXPECT_EQ(account.summary(), "lost: 2 did not arrive here");
}

TEST(WatchAccount, OneThatWasGivenUpIsSeenNoMore) {
  WatchAccount account(true);
  static_cast<void>(account.collector_news("exited", news("ended with exit code 1"), noon));
  const auto said = account.collector_news("failed", news("given up: too often"), noon);
  EXPECT_EQ(said, Notices{"procmond is not started again: given up: too often"});
  EXPECT_TRUE(has(account.summary(), "nothing of procmond is seen since")) << account.summary();
  EXPECT_TRUE(has(account.summary(), "given up: too often")) << account.summary();
}

TEST(WatchAccount, TheAgentsWordAtTheEndCounts) {
  WatchAccount failed(true);
  failed.status(status("failed", "given up"), false, noon);
  EXPECT_TRUE(has(failed.summary(), "it is failed: given up")) << failed.summary();
  WatchAccount hung(true);
  auto silent = status("running");
  silent["collectors"].as_array()[0].as_object()["silent_since"] = "1970-01-01T12:00:00Z";
  hung.status(silent, false, noon);
  EXPECT_TRUE(has(hung.summary(), "does not answer the agent since")) << hung.summary();
  WatchAccount ending(true);
  ending.status(status("stopping"), true, noon);
  EXPECT_EQ(ending.summary(), "nothing was lost") << "the signal that ended the watch ended the agent too";
}

TEST(WatchAccount, WhoLeavesTheBusIsMissed) {
  WatchAccount account(true);
  account.status(status("running"), false, noon);
  EXPECT_EQ(account.left("anybody", noon), Notices{});
  EXPECT_EQ(account.left("procmond", noon), Notices{"procmond left the bus"});
  EXPECT_TRUE(has(account.summary(), "nothing of procmond is seen since")) << account.summary();
  EXPECT_EQ(account.joined("procmond"), Notices{});
  EXPECT_EQ(account.summary(), "nothing was lost");
  EXPECT_EQ(account.left("daemoneye-agent", noon).size(), 1U);
  EXPECT_TRUE(has(account.summary(), "the agent is gone since")) << account.summary();
}

TEST(WatchAccount, AStrangerIsNamedOnceAndCounted) {
  WatchAccount account(true);
  static_cast<void>(account.event(numbered(7)));
  EXPECT_EQ(account.refused("stranger", "an event in the name of procmond").size(), 1U);
  EXPECT_EQ(account.refused("stranger", "an event in the name of procmond"), Notices{});
  EXPECT_EQ(account.summary(),
            "nothing was lost; 2 frames not shown, the last from stranger: an event in the name of procmond");
}

TEST(WatchAccount, MadeUpNamesDoNotFillTheMemory) {
  WatchAccount account(true);
  auto event = numbered(1);
  for (int i = 0; i < 1000; ++i) {
    event.collector = "c" + std::to_string(i);
    static_cast<void>(account.event(event));
    static_cast<void>(account.refused(event.collector, "no event"));
  }
  EXPECT_TRUE(has(account.summary(), "not all of them followed")) << account.summary();
}

}  // namespace
}  // namespace daemoneye_cli
