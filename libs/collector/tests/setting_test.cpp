// Settings of sources, and what is said of wrong ones.
#include "daemoneye/collector/setting.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace daemoneye::collector {
namespace {

TEST(Setting, AWholeNumberIsWithinItsRange) {
  EXPECT_EQ(whole_number("n", 5, 5, 5).value(), 5U);
  EXPECT_EQ(whole_number("n", std::numeric_limits<std::uint64_t>::max(), 0,
                         std::numeric_limits<std::uint64_t>::max())
                .value(),
            std::numeric_limits<std::uint64_t>::max());
  for (const boost::json::value& wrong :
       {boost::json::value(4), boost::json::value(6), boost::json::value(-5), boost::json::value(5.0),
        boost::json::value("5"), boost::json::value(nullptr), boost::json::value(true)}) {
    const auto number = whole_number("n", wrong, 5, 5);
    ASSERT_FALSE(number);
    EXPECT_EQ(number.error().code, std::errc::invalid_argument);
    EXPECT_TRUE(number.error().message.starts_with("n: expected a whole number from 5 to 5, got "))
        << number.error().message;
  }
}

TEST(Setting, TrueOrFalseIsNothingElse) {
  EXPECT_EQ(true_or_false("b", true).value(), true);
  EXPECT_EQ(true_or_false("b", false).value(), false);
  EXPECT_EQ(true_or_false("b", 1).error().message, "b: expected true or false, got 1");
}

TEST(Setting, AWrongValueIsShownInPart) {
  const auto error = wrong_setting("x", "a word", boost::json::value(std::string(1000, 'a'))).error();
  EXPECT_TRUE(error.message.ends_with("..."));
  EXPECT_LT(error.message.size(), 120U);
}

}  // namespace
}  // namespace daemoneye::collector
