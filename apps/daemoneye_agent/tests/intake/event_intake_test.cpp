// Which frames are in the books, and when a run is over.
#include "intake/event_intake.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

#include "daemoneye/events/event.hpp"
#include "noon.hpp"

namespace daemoneye_agent {
namespace {

using namespace std::chrono_literals;

std::string event(std::uint64_t seq, std::uint64_t epoch = 7) {
  daemoneye::events::Event event;
  event.collector = "procmond";
  event.epoch = epoch;
  event.seq = seq;
  event.time = noon;
  event.domain = "process";
  event.kind = "exec";
  return daemoneye::events::encode_event(event);
}

boost::json::object health(std::uint64_t seq, bool last = false) {
  boost::json::object record{{"epoch", 7}, {"seq", seq}, {"state", last ? "stopped" : "running"}};
  if (last) record["last"] = true;
  return record;
}

class EventIntakeTest : public ::testing::Test {
 protected:
  void take(std::string_view topic, std::string_view sender, std::string_view payload) {
    intake_.take(topic, sender, payload, noon);
  }
  void say(const boost::json::object& record) {
    take("health.procmond", "procmond", boost::json::serialize(record));
  }
  [[nodiscard]] AccountTotals totals() const { return account_.totals("procmond"); }

  Account account_;
  EventIntake intake_{account_};
};

TEST_F(EventIntakeTest, FramesOnOtherTopicsAreNoBusinessOfTheAccount) {
  take(".broker/warn", ".broker",
       "\x82\xa1s\xad"
       "slow_consumer");
  take("health.procmond", "stranger", "no record");
  take("health.procmond", "procmond", "no record");
  take("control.collector.exited", "stranger", "{}");
  EXPECT_TRUE(account_.common().empty());
  EXPECT_TRUE(account_.incomplete("procmond").empty());
}

TEST_F(EventIntakeTest, AFrameOnAnEventTopicThatIsNotItsSendersEventIsRefused) {
  take("events.process.exec", "procmond", event(1));
  EXPECT_TRUE(account_.common().empty());
  take("events.process.exec", "stranger", event(2));
  take("events.process.exec", "procmond", "no event");
  EXPECT_EQ(account_.common().size(), 1U);
  EXPECT_EQ(totals().received, 1U);
}

TEST_F(EventIntakeTest, ARunThatAnnouncesItsEndIsWhole) {
  take("events.process.exec", "procmond", event(1));
  say(health(1, true));
  intake_.ended("procmond", noon);
  EXPECT_EQ(totals().cut_runs, 0U);
  EXPECT_TRUE(account_.incomplete("procmond").empty());
}

TEST_F(EventIntakeTest, ARunThatEndsWithoutALastWordIsCut) {
  take("events.process.exec", "procmond", event(1));
  say(health(4));
  intake_.ended("procmond", noon + 1s);
  EXPECT_EQ(totals().cut_runs, 1U);
  EXPECT_EQ(totals().missing, 3U) << "of which the last health record told";
}

TEST_F(EventIntakeTest, ItsEventsAreEnoughToKnowARunBy) {
  take("events.process.exec", "procmond", event(1));
  intake_.ended("procmond", noon + 1s);
  EXPECT_EQ(totals().cut_runs, 1U);
  intake_.ended("procmond", noon + 2s);
  EXPECT_EQ(totals().cut_runs, 1U) << "the next process said nothing at all";
}

TEST_F(EventIntakeTest, ASourceThatIsStoppedIsNoEndOfTheRun) {
  take("events.process.exec", "procmond", event(1));
  auto stopped = health(1);
  stopped["state"] = "stopped";
  say(stopped);
  take("events.process.exec", "procmond", event(2));
  intake_.ended("procmond", noon + 1s);
  EXPECT_EQ(totals().cut_runs, 1U);
}

}  // namespace
}  // namespace daemoneye_agent
