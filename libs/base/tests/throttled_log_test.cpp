#include "busrt/base/throttled_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace busrt::base {
namespace {

using std::chrono::milliseconds;

class Throttled : public testing::Test {
 protected:
  LogSink sink() {
    return [this](LogLevel level, std::string_view line) {
      levels.push_back(level);
      lines.emplace_back(line);
    };
  }

  const ThrottledLog::Clock::time_point start = ThrottledLog::Clock::now();
  const LogLimit limit{.lines = 3, .window = milliseconds(10'000)};
  std::vector<LogLevel> levels;
  std::vector<std::string> lines;
};

TEST_F(Throttled, AWindowHasItsLinesAndThenACount) {
  ThrottledLog log(sink(), "connections refused", limit);
  for (int i = 0; i < 1237; ++i) log.write(LogLevel::info, "line", start + milliseconds(i));
  EXPECT_EQ(lines.size(), 3U);
  log.tick(start + milliseconds(9'999));
  EXPECT_EQ(lines.size(), 3U);
  log.tick(start + milliseconds(10'000));
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines.back(), "connections refused: ... and 1,234 more of these in 10 s");
  log.tick(start + milliseconds(30'000));
  EXPECT_EQ(lines.size(), 4U) << "a count is told once";
}

TEST_F(Throttled, TheNextLineComesAfterTheCountOfTheWindowBefore) {
  ThrottledLog log(sink(), "cause", limit);
  for (int i = 0; i < 4; ++i) log.write(LogLevel::info, "first", start);
  log.write(LogLevel::info, "second", start + milliseconds(10'000));
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(lines[3], "cause: ... and 1 more of these in 10 s");
  EXPECT_EQ(lines[4], "second");
}

TEST_F(Throttled, TheEndTellsWhatIsNotToldYet) {
  {
    ThrottledLog log(sink(), "cause", limit);
    for (int i = 0; i < 5; ++i) log.write(LogLevel::info, "line", start);
  }
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines.back(), "cause: ... and 2 more of these in 10 s");
}

TEST_F(Throttled, TheCountHasTheLevelOfTheWorstLineLeftOut) {
  ThrottledLog log(sink(), "cause", limit);
  for (int i = 0; i < 3; ++i) log.write(LogLevel::info, "line", start);
  log.write(LogLevel::error, "line", start);
  log.write(LogLevel::warn, "line", start);
  log.tick(start + milliseconds(10'000));
  EXPECT_EQ(levels.back(), LogLevel::error);
}

TEST_F(Throttled, DebugLinesAreNotLimited) {
  ThrottledLog log(sink(), "cause", limit);
  for (int i = 0; i < 100; ++i) log.write(LogLevel::debug, "line", start);
  EXPECT_EQ(lines.size(), 100U);
}

TEST_F(Throttled, WithoutASinkNothingHappens) {
  ThrottledLog log(LogSink(), "cause", limit);
  for (int i = 0; i < 100; ++i) log.write(LogLevel::error, "line", start);
  log.tick(start + milliseconds(10'000));
}

}  // namespace
}  // namespace busrt::base
