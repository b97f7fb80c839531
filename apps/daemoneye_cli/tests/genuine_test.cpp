// Who may say what on which topic.
#include "genuine.hpp"

#include <gtest/gtest.h>

namespace daemoneye_cli {
namespace {

std::string event_of(const std::string& collector) {
  daemoneye::events::Event event;
  event.collector = collector;
  event.epoch = 1;
  event.seq = 1;
  event.domain = "process";
  event.kind = "exec";
  return daemoneye::events::encode_event(event);
}

TEST(Genuine, AnEventComesFromTheCollectorThatItNames) {
  const auto genuine = judge("events.process.exec", "procmond", event_of("procmond"));
  ASSERT_TRUE(genuine) << genuine.error();
  EXPECT_EQ(genuine->event->collector, "procmond");
  for (const char* sender : {"stranger", "procmond%%x", "procmond2", ""}) {
    const auto forged = judge("events.process.exec", sender, event_of("procmond"));
    ASSERT_FALSE(forged) << sender;
    EXPECT_EQ(forged.error(), "an event in the name of procmond");
  }
}

TEST(Genuine, WhatIsNoEventIsNotShownAsOne) {
  const auto nonsense = judge("events.process.exec", "procmond", "nonsense");
  ASSERT_FALSE(nonsense);
  EXPECT_TRUE(nonsense.error().starts_with("no event: ")) << nonsense.error();
}

TEST(Genuine, NewsComeFromWhomTheyAreAbout) {
  EXPECT_TRUE(judge("control.collector.exited", "daemoneye-agent", "{}"));
  EXPECT_TRUE(judge("alerts.critical", "daemoneye-agent", "{}"));
  EXPECT_TRUE(judge("health.procmond", "procmond", "{}"));
  EXPECT_FALSE(judge("control.collector.exited", "stranger", "{}"));
  EXPECT_FALSE(judge("alerts.critical", "daemoneye-agent%%x", "{}"));
  EXPECT_FALSE(judge("health.procmond", "netmond", "{}"));
  EXPECT_TRUE(judge("news.weather", "anybody", "rain"));
}

}  // namespace
}  // namespace daemoneye_cli
