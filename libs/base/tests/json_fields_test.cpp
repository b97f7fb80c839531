#include "busrt/base/json_fields.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <cstdint>
#include <limits>

namespace busrt::base {
namespace {

boost::json::object parsed(std::string_view text) {
  return boost::json::parse({text.data(), text.size()}).as_object();
}

TEST(JsonFields, ACountIsAnIntegerFromZeroUp) {
  const auto object =
      parsed(R"({"zero":0,"some":7,"all":18446744073709551615,"less":-1,"part":5.0,"text":"7"})");
  EXPECT_EQ(count_at(object, "zero"), 0U);
  EXPECT_EQ(count_at(object, "some"), 7U);
  EXPECT_EQ(count_at(object, "all"), std::numeric_limits<std::uint64_t>::max());
  for (const char* const key : {"less", "part", "text", "absent"}) {
    EXPECT_FALSE(count_at(object, key)) << key;
    EXPECT_EQ(number_at(object, key), 0U) << key;
  }
  EXPECT_EQ(number_at(object, "some"), 7U);
}

TEST(JsonFields, AnAbsentFieldAndNullAreTheSame) {
  const auto object = parsed(R"({"nothing":null,"false":false})");
  EXPECT_EQ(field_at(object, "nothing"), nullptr);
  EXPECT_EQ(field_at(object, "absent"), nullptr);
  EXPECT_NE(field_at(object, "false"), nullptr);
}

TEST(JsonFields, AStringIsTakenWholeAndNothingElseIsOne) {
  const auto object = parsed(R"({"text":"a\u0000b","empty":"","number":1,"list":["a"]})");
  EXPECT_EQ(string_at(object, "text"), std::string_view("a\0b", 3));
  for (const char* const key : {"empty", "number", "list", "absent"})
    EXPECT_EQ(string_at(object, key), "") << key;
}

TEST(JsonFields, TextIsAStringOrTheDigitsOfAnInteger) {
  const auto object =
      parsed(R"({"text":"a","less":-3,"all":18446744073709551615,"flag":true,"nothing":null})");
  EXPECT_EQ(text_at(object, "text"), "a");
  EXPECT_EQ(text_at(object, "less"), "-3");
  EXPECT_EQ(text_at(object, "all"), "18446744073709551615");
  for (const char* const key : {"flag", "nothing", "absent"}) EXPECT_EQ(text_at(object, key), "") << key;
}

TEST(JsonFields, OnlyTrueIsTrue) {
  const auto object = parsed(R"({"yes":true,"no":false,"one":1,"word":"true"})");
  EXPECT_TRUE(true_at(object, "yes"));
  for (const char* const key : {"no", "one", "word", "absent"}) EXPECT_FALSE(true_at(object, key)) << key;
}

TEST(JsonFields, AnObjectOrArrayOfAnotherTypeIsEmpty) {
  const auto object = parsed(R"({"object":{"a":1},"array":[1,2],"text":"{}"})");
  EXPECT_EQ(number_at(object_at(object, "object"), "a"), 1U);
  EXPECT_EQ(array_at(object, "array").size(), 2U);
  for (const char* const key : {"array", "text", "absent"})
    EXPECT_TRUE(object_at(object, key).empty()) << key;
  for (const char* const key : {"object", "text", "absent"})
    EXPECT_TRUE(array_at(object, key).empty()) << key;
}

}  // namespace
}  // namespace busrt::base
