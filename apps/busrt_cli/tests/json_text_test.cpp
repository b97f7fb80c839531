// JSON as people see it: the layout and the digits.
#include "json_text.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <limits>
#include <utility>
#include <vector>

namespace busrt_cli {
namespace {

TEST(JsonText, IsIndentedByTwoBlanksWithSortedKeys) {
  const auto value = boost::json::parse(R"({"z":1,"a":[1.5,null,true,[],{}],"m":{"k":"v"}})");
  EXPECT_EQ(json_text(value, JsonLayout::indented),
            "{\n  \"a\": [\n    1.5,\n    null,\n    true,\n    [],\n    {}\n  ],\n  \"m\": {\n    \"k\": "
            "\"v\"\n  },\n"
            "  \"z\": 1\n}");
  EXPECT_EQ(json_text(value, JsonLayout::compact), R"({"a":[1.5,null,true,[],{}],"m":{"k":"v"},"z":1})");
}

TEST(JsonObjectText, HasTheSameLayout) {
  for (const JsonLayout layout : {JsonLayout::compact, JsonLayout::indented}) {
    for (const std::string text : {R"({"z":1,"a":[1.5,null,true,[],{}],"m":{"k":"v","b":{}}})", "{}",
                                   R"( { "a" : [ { } , { "b" : [ ] } ] } )",
                                   R"({"b":{"d":1,"c":[{"f":1,"e":2}]},"a":"\u00e9\n\"\\"})"}) {
      EXPECT_EQ(json_object_text(text, layout), json_text(boost::json::parse(text), layout)) << text;
    }
  }
}

TEST(JsonObjectText, KeepsNumbersDigitByDigitAndRepeatedKeysInTheirOrder) {
  EXPECT_EQ(json_object_text(R"({"b":123456789012345678901234567890,"a":-0,"a":1.50,"b":1E400,"a":0.1e+1})",
                             JsonLayout::compact),
            R"({"a":-0,"a":1.50,"a":0.1e+1,"b":123456789012345678901234567890,"b":1E400})");
}

TEST(JsonObjectText, IsNothingForWhatIsNoObject) {
  const std::string deep = "{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}";
  for (const std::string& text :
       {std::string("[1]"), std::string("1"), std::string(), std::string("{"), std::string("{} {}"),
        std::string("{\"a\":01}"), std::string("{\"a\" 1}"), deep}) {
    EXPECT_EQ(json_object_text(text, JsonLayout::compact), std::nullopt) << text;
  }
}

TEST(JsonText, NumbersKeepTheirValueAndShowThatTheyAreNoIntegers) {
  const std::vector<std::pair<double, std::string>> table = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {0.1, "0.1"},
      {-2.5, "-2.5"},
      {1e15, "1000000000000000.0"},
      {1e16, "1e+16"},
      {1.5e300, "1.5e+300"},
      {1e-5, "0.00001"},
      {1.5e-5, "0.000015"},
      {1e-6, "1e-6"},
      {123456.789, "123456.789"},
      {std::numeric_limits<double>::infinity(), "null"}};
  for (const auto& [number, text] : table) EXPECT_EQ(json_text(number, JsonLayout::compact), text);
  EXPECT_EQ(json_text(std::uint64_t{18446744073709551615U}, JsonLayout::compact), "18446744073709551615");
  EXPECT_EQ(json_text(std::int64_t{-7}, JsonLayout::compact), "-7");
}

TEST(JsonText, StringsAreEscaped) {
  EXPECT_EQ(json_text("a\"b\\c\n\t\x01\xC3\xA9", JsonLayout::compact),
            "\"a\\\"b\\\\c\\n\\t\\u0001\xC3\xA9\"");
}

}  // namespace
}  // namespace busrt_cli
