// What a watch shows of the frames that come: events of their own collectors, news, and nothing forged.
#include "watch_view.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>
#include <vector>

#include "busrt/frame.hpp"
#include "busrt/msgpack.hpp"
#include "numbered_event.hpp"

namespace daemoneye_cli {
namespace {

const WatchView::Time midday{std::chrono::hours(12)};

std::vector<Shown> take(WatchView& view, std::string_view topic, std::string_view sender,
                        std::string_view text) {
  return view.take({topic, sender, busrt::as_bytes(text)}, {}, midday);
}

std::vector<Shown> take(WatchView& view, const daemoneye::events::Event& event,
                        std::string_view sender = "procmond") {
  return take(view, "events." + event.domain + "." + event.kind, sender,
              daemoneye::events::encode_event(event));
}

std::vector<Shown> take_from(WatchView& view, std::string_view sender, const boost::json::object& news) {
  return view.take({".broker/info", sender, busrt::msgpack::encode(news)}, {}, midday);
}

TEST(WatchView, AnEventIsARowAndCounts) {
  WatchView view("events.*", false);
  const auto shown = take(view, numbered(1));
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].kind, Shown::Kind::row);
  EXPECT_TRUE(shown[0].text.contains("process.exec")) << shown[0].text;
  EXPECT_TRUE(shown[0].text.ends_with("\n"));
  EXPECT_EQ(view.rows(), 1U);
  EXPECT_EQ(view.summary(), "1 event shown; nothing was lost");
}

TEST(WatchView, ForProgramsARowIsTheEventItself) {
  WatchView view("events.*", true);
  const auto shown = take(view, numbered(1));
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].text, daemoneye::events::encode_event(numbered(1)) + "\n");
}

TEST(WatchView, WhatIsNoJsonBecomesAnObjectForPrograms) {
  WatchView view("results.*", true);
  const auto shown = take(view, "results.1", "somebody", "two\nlines");
  ASSERT_EQ(shown.size(), 1U);
  const auto object = boost::json::parse(shown[0].text).as_object();
  EXPECT_EQ(object.at("topic"), "results.1");
  EXPECT_EQ(object.at("sender"), "somebody");
  EXPECT_TRUE(object.contains("text"));
  const auto broken = take(view, "results.1", "somebody", "{\n\"a\": 1\n}");
  EXPECT_EQ(broken.at(0).text, "{\"a\":1}\n") << "JSON of several lines is written as one";
}

TEST(WatchView, AHoleIsTheNoticeBeforeTheEvent) {
  WatchView view("events.*", false);
  (void)take(view, numbered(1));
  const auto shown = take(view, numbered(4));
  ASSERT_EQ(shown.size(), 2U);
  EXPECT_EQ(shown[0].kind, Shown::Kind::notice);
  EXPECT_EQ(shown[0].text, "!! 2 events of procmond did not arrive here (numbers 2 to 3)\n");
  EXPECT_EQ(shown[1].kind, Shown::Kind::row);
}

TEST(WatchView, APatternForSomeEventsMakesNoHoles) {
  WatchView view("events.process.exit", false);
  EXPECT_TRUE(take(view, numbered(1)).empty()) << "a subscription for losses may bring others";
  EXPECT_TRUE(take(view, numbered(4)).empty());
  EXPECT_EQ(view.summary(), "0 events shown; no collector reported a loss");
}

TEST(WatchView, ALossIsShownWhateverIsWatched) {
  WatchView view("health.*", false);
  const auto shown = take(view, loss(1));
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_TRUE(shown[0].text.contains("LOST 3 events: queue_full")) << shown[0].text;
  EXPECT_TRUE(view.summary().contains("lost: 3 lost by collectors")) << view.summary();
}

TEST(WatchView, AnEventInAnothersNameIsNotShownButCounted) {
  WatchView view("events.*", false);
  const auto shown = take(view, numbered(1), "impostor");
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].kind, Shown::Kind::notice);
  EXPECT_TRUE(shown[0].text.contains("impostor: an event in the name of procmond")) << shown[0].text;
  EXPECT_TRUE(take(view, numbered(2), "impostor").empty()) << "each sender is named once";
  EXPECT_TRUE(view.summary().contains("2 frames not shown")) << view.summary();
  EXPECT_EQ(view.rows(), 0U);
}

TEST(WatchView, NewsOfACollectorIsANoticeAndARowOnlyWhereItIsWatched) {
  const std::string news = R"({"collector":"procmond","reason":"ended by signal 9","pid":7})";
  WatchView events("events.*", false);
  (void)take(events, numbered(1));
  const auto notices = take(events, "control.collector.exited", "daemoneye-agent", news);
  ASSERT_EQ(notices.size(), 1U);
  EXPECT_EQ(notices[0].kind, Shown::Kind::notice);
  EXPECT_TRUE(notices[0].text.contains("procmond ended by signal 9")) << notices[0].text;
  WatchView control("control.*", false);
  const auto both = take(control, "control.collector.exited", "daemoneye-agent", news);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[1].text, "control.collector.exited " + news + "\n");
}

TEST(WatchView, NewsAndHealthThatAreNoObjectsAreRefused) {
  WatchView view("events.*", false);
  const auto control = take(view, "control.collector.exited", "daemoneye-agent", "gone");
  ASSERT_EQ(control.size(), 1U);
  EXPECT_TRUE(control[0].text.contains("a message on control.collector.exited that is no JSON object"))
      << control[0].text;
  EXPECT_EQ(take(view, "health.procmond", "procmond", "[]").size(), 1U);
}

TEST(WatchView, ALastHealthRecordShowsWhatNeverCame) {
  WatchView view("events.*", false);
  (void)take(view, numbered(1));
  const auto shown = take(view, "health.procmond", "procmond", R"({"last":true,"epoch":1,"seq":3})");
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_TRUE(shown[0].text.contains("2 events of procmond did not arrive here")) << shown[0].text;
}

TEST(WatchView, TheBrokersNewsTellWhoLeftAndCameBack) {
  WatchView view("events.*", false);
  const auto left = take_from(view, ".broker", {{"s", "unreg"}, {"d", "daemoneye-agent"}});
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].text, "!! the agent left the bus; nobody looks after the collectors\n");
  const auto back = take_from(view, ".broker", {{"s", "reg"}, {"d", "daemoneye-agent"}});
  ASSERT_EQ(back.size(), 1U);
  EXPECT_EQ(back[0].text, "!! the agent is back on the bus\n");
  EXPECT_TRUE(take_from(view, ".broker", {{"s", "reg"}, {"d", 7}}).empty());
  EXPECT_TRUE(take_from(view, "impostor", {{"s", "unreg"}, {"d", "daemoneye-agent"}}).empty());
  EXPECT_TRUE(take(view, ".broker/info", ".broker", "\xC1").empty()) << "no MessagePack";
}

TEST(WatchView, TheBrokersNewsAreRowsForAPatternThatNamesThem) {
  WatchView view(".broker/#", false);
  const auto shown = take_from(view, ".broker", {{"s", "reg"}, {"d", "somebody"}});
  ASSERT_EQ(shown.size(), 1U);
  EXPECT_EQ(shown[0].text, ".broker/info {\"s\":\"reg\",\"d\":\"somebody\"}\n");
  WatchView everything("#", false);
  EXPECT_TRUE(take_from(everything, ".broker", {{"s", "reg"}, {"d", "somebody"}}).empty());
}

TEST(WatchView, ControlCharactersOfAPeerAreShownNotObeyed) {
  WatchView view("results.*", false);
  for (const Shown& shown : take(view, "results.\x1b[2J", "somebody", "\x1b]0;x\x07"))
    EXPECT_FALSE(shown.text.contains('\x1b')) << shown.text;
}

}  // namespace
}  // namespace daemoneye_cli
