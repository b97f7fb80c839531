#include "watch_pattern.hpp"

#include <gtest/gtest.h>

#include <string>

namespace daemoneye_cli {
namespace {

TEST(WatchPattern, OneThatCannotBeSubscribedToIsNamed) {
  EXPECT_EQ(pattern_problem("events.*"), "");
  EXPECT_EQ(pattern_problem(""), "is empty");
  EXPECT_NE(pattern_problem(std::string(5000, 'x')), "");
  EXPECT_NE(pattern_problem("\xff"), "");
}

TEST(WatchPattern, OneThatCanMatchAKnownTopicHasNoDoubt) {
  for (const char* const pattern : {"*",
                                    "#",
                                    "+",
                                    "?.?.?",
                                    "events.*",
                                    "events.?.loss",
                                    "events.process.*",
                                    "events.process.exec",
                                    "events.network.?",
                                    "?.process.exec",
                                    "health.*",
                                    "health.a-collector",
                                    "control.collector.*",
                                    "control.collector.started",
                                    "control.*",
                                    "alerts.critical",
                                    "alerts.?",
                                    "tasks.process.scan",
                                    "results.4711",
                                    ".broker/info",
                                    ".broker/#"}) {
    EXPECT_EQ(pattern_doubt(pattern), "") << pattern;
  }
}

TEST(WatchPattern, PathNotationIsSetRight) {
  EXPECT_EQ(
      pattern_doubt("events/#"),
      "nothing may match \"events/#\": the topics of DaemonEye are written with dots, and the wildcards "
      "are ? and *; did you mean \"events.*\"?");
  EXPECT_TRUE(pattern_doubt("events/+/exec").ends_with("did you mean \"events.?.exec\"?"));
  EXPECT_TRUE(pattern_doubt("events.#").ends_with("did you mean \"events.*\"?"));
  EXPECT_TRUE(pattern_doubt("event/process/#").ends_with("did you mean \"events.process.*\"?"));
}

TEST(WatchPattern, AMisspeltWordIsNamedWithTheNearestOne) {
  EXPECT_EQ(pattern_doubt("evnts.*"),
            "nothing may match \"evnts.*\": no topic of DaemonEye begins with \"evnts\"; "
            "did you mean \"events.*\"?");
  EXPECT_EQ(pattern_doubt("events.proces.*"),
            "nothing may match \"events.proces.*\": DaemonEye has no domain \"proces\"; "
            "did you mean \"events.process.*\"?");
  EXPECT_EQ(pattern_doubt("events.process.exce"),
            "nothing may match \"events.process.exce\": the domain process has no events \"exce\"; "
            "did you mean \"events.process.exec\"?");
  EXPECT_TRUE(pattern_doubt("evnts.netwrk.*").ends_with("did you mean \"events.network.*\"?"));
  EXPECT_TRUE(pattern_doubt("tasks.proces.scan").ends_with("did you mean \"tasks.process.scan\"?"));
}

TEST(WatchPattern, AWordFarFromAllShowsWhatIsKnownAtItsPlace) {
  EXPECT_TRUE(pattern_doubt("temperature.*")
                  .ends_with("known here: events, control, tasks, results, health, alerts"));
  EXPECT_TRUE(
      pattern_doubt("events.usb.*").ends_with("known here: process, network, filesystem, performance"));
}

TEST(WatchPattern, ATopicWithoutItsRestGetsIt) {
  EXPECT_TRUE(pattern_doubt("events").ends_with("has this form; did you mean \"events.*\"?"));
  EXPECT_TRUE(pattern_doubt("events.process").ends_with("did you mean \"events.process.*\"?"));
  EXPECT_EQ(pattern_doubt("health.procmond.more.words"),
            "nothing may match \"health.procmond.more.words\": no topic of DaemonEye has this form");
}

}  // namespace
}  // namespace daemoneye_cli
