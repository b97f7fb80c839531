// Events as rows.
#include "event_row.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "busrt/base/terminal_text.hpp"

namespace daemoneye_cli {
namespace {

using daemoneye::events::Event;

Event event(std::string kind, std::string_view data, std::string domain = "process") {
  Event made;
  made.collector = "procmond";
  made.epoch = 1;
  made.seq = 1;
  made.domain = std::move(domain);
  made.kind = std::move(kind);
  made.data = boost::json::parse(data).as_object();
  return made;
}

/// The row without its time, which depends on the time zone.
std::string shown(const Event& event, const Screen& screen = {}) {
  const std::string row = format_event(event, screen);
  return row.substr(row.find("  ") + 2);
}

constexpr std::string_view sleeper =
    R"({"process":{"pid":4242,"start_time":7,"boot_id":"b"},"ppid":1,"uid":1000,"comm":"sleep","exe":"/bin/sleep",
        "args":["sleep","5"]})";

TEST(EventRow, AnExecShowsWhoRunsWhat) {
  EXPECT_EQ(shown(event("exec", sleeper)), "process.exec         4242        1   1000  sleep 5");
}

TEST(EventRow, AnExitShowsItsCodeOrSignalAndHowLongItRan) {
  auto data = boost::json::parse(sleeper).as_object();
  data["exit_code"] = 3;
  data["signal"] = nullptr;
  data["duration_ms"] = 1500;
  Event exit = event("exit", "{}");
  exit.data = data;
  EXPECT_TRUE(shown(exit).ends_with("  exit 3 after 1.5 s: sleep 5")) << shown(exit);
  exit.data["exit_code"] = nullptr;
  exit.data["signal"] = 11;
  exit.data["core_dumped"] = true;
  EXPECT_TRUE(shown(exit).ends_with("  SIGSEGV (core dumped) after 1.5 s: sleep 5")) << shown(exit);
  exit.data["signal"] = nullptr;
  EXPECT_NE(shown(exit).find("exit ?"), std::string::npos) << "an unknown code is not shown as success";
}

TEST(EventRow, WhatIsNotKnownIsAQuestionMarkNotAnEmptyCell) {
  EXPECT_EQ(shown(event("exec", R"({"process":{"pid":7},"ppid":null,"uid":null,"exe":null,"args":null})")),
            "process.exec            7        ?      ?  ?");
  EXPECT_TRUE(
      shown(event("exec", R"({"process":{"pid":7},"exe":"/bin/x","args":null})")).ends_with("  /bin/x"));
  EXPECT_TRUE(shown(event("exec", R"({"process":{"pid":7},"comm":"x","args":null})")).ends_with("  (x)"));
  EXPECT_TRUE(shown(event("new", R"({"process":{"pid":7},"comm":"kworker","kernel_thread":true})"))
                  .ends_with("  [kworker]"));
}

TEST(EventRow, AChangeOfUidShowsBothSides) {
  const auto row = shown(event("change", R"({"process":{"pid":7},"comm":"su","args":["su"],"changed":"uid",
      "old":{"real":1000,"effective":0},"new":{"real":0,"effective":0}})"));
  EXPECT_TRUE(row.ends_with("  uid 1000 (effective 0) -> 0: su")) << row;
}

TEST(EventRow, ALossIsARowThatNobodyOverlooks) {
  auto loss = event("loss", "{}");
  loss.data = daemoneye::events::loss_data({1234, "kernel_buffer_overflow", "the socket was full"});
  EXPECT_TRUE(shown(loss).ends_with("  LOST 1,234 events: kernel_buffer_overflow (the socket was full)"))
      << shown(loss);
  loss.data = daemoneye::events::loss_data({std::nullopt, "kernel_buffer_overflow", ""});
  EXPECT_TRUE(shown(loss).ends_with("  LOST an unknown number of events: kernel_buffer_overflow"))
      << shown(loss);
  EXPECT_TRUE(format_event(loss, {true, {}}).starts_with("\x1b[31m"));
}

TEST(EventRow, ADomainThatIsNotKnownYetShowsItsData) {
  EXPECT_TRUE(shown(event("connect", R"({"port":443})", "network")).ends_with("{\"port\":443}"));
}

TEST(EventRow, IsCutToTheTerminalAndNotElsewhere) {
  auto data = boost::json::parse(sleeper).as_object();
  data["args"] = boost::json::array{"sh", "-c", std::string(300, 'x')};
  Event exec = event("exec", "{}");
  exec.data = data;
  EXPECT_EQ(busrt::base::columns_of(format_event(exec, {false, 80})), 80U);
  EXPECT_TRUE(format_event(exec, {false, 80}).ends_with("…"));
  EXPECT_TRUE(format_event(exec, {}).ends_with("xxx"));
}

TEST(EventRow, ANarrowTerminalShowsWhatHappenedAndLeavesOutTheRest) {
  const Event exec = event("exec", sleeper);
  EXPECT_EQ(format_event(exec, {false, 40}), "process.exec      sleep 5");
  EXPECT_EQ(event_heading({false, 40}), "EVENT             WHAT");
  EXPECT_EQ(format_event(exec, {false, 20}), "sleep 5");
  EXPECT_TRUE(event_heading({false, 61}).starts_with("TIME          EVENT                 PID  "))
      << "PPID and UID go first: " << event_heading({false, 61});
}

TEST(EventRow, FitsAtEveryWidthWhateverTheCharacters) {
  for (const std::string_view word : {"漢字", "😀", "e\u0301", "\u200B\u200B", "plain "}) {
    std::string argument;
    for (int i = 0; i < 60; ++i) argument += word;
    Event exec = event("exec", sleeper);
    exec.data["args"] = boost::json::array{"/bin/true", argument};
    for (std::size_t columns = 1; columns < 140; ++columns) {
      EXPECT_LE(busrt::base::columns_of(format_event(exec, {false, columns})), columns) << word;
    }
  }
}

TEST(EventRow, NoControlCharacterGetsThroughWhereverItComesFrom) {
  const std::string hostile = "\x1b[2J\xC2\x9B\xE2\x80\xAE\x07";
  Event exec = event("exec", sleeper);
  exec.domain = exec.kind = hostile;
  exec.data["args"] = boost::json::array{hostile};
  exec.data["comm"] = hostile;
  const std::string row = format_event(exec, {false, 200}) + format_notice(hostile, {false, 200});
  for (const std::string_view control : {"\x1b", "\xC2\x9B", "\xE2\x80\xAE", "\x07"})
    EXPECT_EQ(row.find(control), std::string::npos) << row;
}

TEST(EventRow, TheHeadingLinesUpWithTheRows) {
  const std::string heading = event_heading({});
  const std::string row = format_event(event("exec", sleeper), {});
  EXPECT_EQ(heading.find("WHAT"), row.find("sleep"));
  EXPECT_EQ(heading.find("PPID") + 4, row.find("  1000") - 1);
}

TEST(ShellWords, QuotesWhatAShellWouldSplitOrExpand) {
  EXPECT_EQ(shell_words({"ls", "-l", "/tmp/a b", "", "it's", "$HOME", "x=1"}),
            "ls -l '/tmp/a b' '' 'it'\\''s' '$HOME' x=1");
  EXPECT_EQ(shell_words({"printf", "\x1b[2J"}), "printf '\\x1b[2J'");
}

}  // namespace
}  // namespace daemoneye_cli
