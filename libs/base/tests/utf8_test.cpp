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

}  // namespace
}  // namespace busrt::base
