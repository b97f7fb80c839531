#include "busrt/base/utf8.hpp"

#include <gtest/gtest.h>

namespace busrt::base {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, IsToldFromWhatOnlyLooksLikeIt) {
  for (const std::string_view text : {""sv, "abc"sv, "\xC3\xA9"sv, "\xE2\x82\xAC"sv, "\xF0\x9F\x98\x80"sv}) {
    EXPECT_TRUE(valid_utf8(text)) << text;
  }
  for (const std::string_view text :
       {"\x80"sv, "\xC3"sv, "\xC0\xAF"sv, "\xE0\x80\x80"sv, "\xED\xA0\x80"sv, "\xF4\x90\x80\x80"sv, "\xFF"sv,
        "\xE2\x82"sv, "\xC3\x41"sv, "a\xC3"sv}) {
    EXPECT_FALSE(valid_utf8(text)) << ::testing::PrintToString(text);
  }
}

TEST(Utf8, DecodesEachLength) {
  EXPECT_EQ(decode_utf8("a").value, U'a');
  EXPECT_EQ(decode_utf8("\xC3\xA9").value, 0xE9U);
  EXPECT_EQ(decode_utf8("\xE2\x82\xAC").value, 0x20ACU);
  EXPECT_EQ(decode_utf8("\xF0\x9F\x98\x80").value, 0x1F600U);
  EXPECT_EQ(decode_utf8("\xF0\x9F\x98\x80").bytes, 4U);
  EXPECT_EQ(decode_utf8("\xFF").bytes, 0U);
}

TEST(Utf8, KeepsWhatIsValid) {
  const std::string_view text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \n\x7f";
  EXPECT_EQ(escape_invalid_utf8(text), text);
}

TEST(Utf8, ShowsInvalidBytesAsEscapes) {
  EXPECT_EQ(escape_invalid_utf8("\xff"), "\\xff");
  EXPECT_EQ(escape_invalid_utf8("a\x80z"), "a\\x80z");
  EXPECT_EQ(escape_invalid_utf8("\xc3"), "\\xc3") << "cut sequence";
  EXPECT_EQ(escape_invalid_utf8("\xe2\x82"), "\\xe2\\x82") << "cut sequence";
  EXPECT_EQ(escape_invalid_utf8("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(escape_invalid_utf8("\xe0\x80\x80"), "\\xe0\\x80\\x80") << "overlong";
  EXPECT_EQ(escape_invalid_utf8("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "svurrogate";
  EXPECT_EQ(escape_invalid_utf8("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
  EXPECT_EQ(escape_invalid_utf8("\xc3\xc3\xa9"), "\\xc3\xc3\xa9")
      << "a valid sequence right behind an invalid byte";
}

TEST(Utf8, KeepsNulAndBackslash) {
  EXPECT_EQ(escape_invalid_utf8("a\0b\\x"sv), "a\0b\\x"sv);
}

TEST(Utf8, ReplacesEachInvalidByte) {
  EXPECT_EQ(replace_invalid_utf8("a\xC3\xA9"), "a\xC3\xA9");
  EXPECT_EQ(replace_invalid_utf8("\xE2\x82z"), "\xEF\xBF\xBD\xEF\xBF\xBDz");
}

TEST(Utf8, APrefixEndsWithACodePoint) {
  EXPECT_EQ(utf8_prefix("a\xE2\x82\xAC", 4), "a\xE2\x82\xAC");
  EXPECT_EQ(utf8_prefix("a\xE2\x82\xAC", 3), "a");
  EXPECT_EQ(utf8_prefix("a\xE2\x82\xAC", 2), "a");
  EXPECT_EQ(utf8_prefix("a\xE2\x82\xAC", 1), "a");
  EXPECT_EQ(utf8_prefix("\xE2\x82\xAC", 2), "");
}

}  // namespace
}  // namespace busrt::base
