// Bytes as text: what comes out must be valid UTF-8 whatever goes in.
#include "text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace procmond {
namespace {

using namespace std::string_literals;

TEST(Text, KeepsValidUtf8OfEveryLength) {
  const std::string text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \n\x7f";
  EXPECT_EQ(to_utf8(text), text);
}

TEST(Text, ShowsInvalidBytesAsEscapes) {
  EXPECT_EQ(to_utf8("\xff"), "\\xff");
  EXPECT_EQ(to_utf8("a\x80z"), "a\\x80z");
  EXPECT_EQ(to_utf8("\xc3"), "\\xc3") << "cut sequence";
  EXPECT_EQ(to_utf8("\xe2\x82"), "\\xe2\\x82") << "cut sequence";
  EXPECT_EQ(to_utf8("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(to_utf8("\xe0\x80\x80"), "\\xe0\\x80\\x80") << "overlong";
  EXPECT_EQ(to_utf8("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
  EXPECT_EQ(to_utf8("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
  EXPECT_EQ(to_utf8("\xc3\xc3\xa9"), "\\xc3\xc3\xa9") << "a valid sequence right behind an invalid byte";
}

TEST(Text, KeepsNulAndBackslash) {
  EXPECT_EQ(to_utf8("a\0b\\x"s), "a\0b\\x"s);
}

TEST(Text, BaseNameIsTheLastComponent) {
  EXPECT_EQ(base_name("/usr/bin/mysql"), "mysql");
  EXPECT_EQ(base_name("mysql"), "mysql");
  EXPECT_EQ(base_name("a/"), "a/");
  EXPECT_EQ(base_name(""), "");
}

}  // namespace
}  // namespace procmond
