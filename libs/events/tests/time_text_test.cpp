// Times as text: exact to the nanosecond, and strict about what they take.

#include "daemoneye/events/time_text.hpp"

#include <gtest/gtest.h>

namespace {

using daemoneye::events::format_time;
using daemoneye::events::parse_time;
using namespace std::chrono_literals;

std::chrono::system_clock::time_point at(std::chrono::nanoseconds since_epoch) {
  return std::chrono::system_clock::time_point(since_epoch);
}

TEST(TimeText, IsUtcWithNineDigits) {
  EXPECT_EQ(format_time(at(0ns)), "1970-01-01T00:00:00.000000000Z");
  EXPECT_EQ(format_time(at(1767323045s + 6ns)), "2026-01-02T03:04:05.000000006Z");
  EXPECT_EQ(format_time(at(-1ns)), "1969-12-31T23:59:59.999999999Z");
}

TEST(TimeText, ComesBackAsItWas) {
  for (const auto time : {0ns, -1ns, std::chrono::nanoseconds(1767323045123456789), 951782400000000000ns}) {
    const auto parsed = parse_time(format_time(at(time)));
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(*parsed, at(time));
  }
}

TEST(TimeText, TakesOffsetsAndShortFractions) {
  const auto expected = at(1767323045s + 500ms);
  for (const auto* const text : {"2026-01-02T03:04:05.5Z", "2026-01-02T05:04:05.5+02:00",
                                 "2026-01-01T21:34:05.500-05:30", "2026-01-02t03:04:05.500000000z"}) {
    const auto parsed = parse_time(text);
    ASSERT_TRUE(parsed.has_value()) << text;
    EXPECT_EQ(*parsed, expected) << text;
  }
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const auto* const text :
       {"", "2026", "2026-01-02", "2026-13-02T03:04:05Z", "2026-02-30T03:04:05Z", "2026-01-02T24:04:05Z",
        "2026-01-02T03:60:05Z", "2026-01-02T03:04:61Z", "2026-01-02T03:04:05", "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05.1234567890Z", "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05+2:00",
        "9999-01-02T03:04:05Z", "0001-01-02T03:04:05Z", "2026-01-02T03-04-05Z"}) {
    EXPECT_FALSE(parse_time(text).has_value()) << text;
  }
}

}  // namespace
