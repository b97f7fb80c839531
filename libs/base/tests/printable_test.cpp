#include "busrt/base/printable.hpp"

#include <gtest/gtest.h>

namespace busrt::base {
namespace {

TEST(Printable, leaves_plain_text_of_any_script_as_it_is) {
  EXPECT_EQ(printable("procmond/1 \"a\" \\ ~"), "procmond/1 \"a\" \\ ~");
  EXPECT_EQ(printable("grüße 世界 \U0001F680"), "grüße 世界 \U0001F680");
  EXPECT_EQ(printable(""), "");
}

TEST(Printable, escapes_what_a_terminal_or_a_log_would_act_on) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(printable("a\nb\rc\td\x7f"), "a\\x0ab\\x0dc\\x09d\\x7f");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m")
      << "C1: CSI in one character";
  EXPECT_EQ(printable("x\u202Etxt.exe"), "x\\xe2\\x80\\xaetxt.exe") << "right-to-left override";
  EXPECT_EQ(printable("a\u2028b"), "a\\xe2\\x80\\xa8b") << "line separator";
}

TEST(Printable, LinesKeepTheirEndsAndTabs) {
  EXPECT_EQ(printable_lines("a\x1b[2J\rb\x7F\n\tc\xC2\x9B\xE2\x80\xAE\xC3\xA9\xFF"),
            "a\\x1b[2J\\x0db\\x7f\n\tc\\xc2\\x9b\\xe2\\x80\\xae\xC3\xA9\\xff");
}

TEST(Printable, JsonStaysTheSameJson) {
  EXPECT_EQ(printable_json("{\"a\": \"grüße \\u001b\"}\n"), "{\"a\": \"grüße \\u001b\"}\n");
  EXPECT_EQ(printable_json("[\"\xC2\x9B"
                           "31m\u202E\x7F\"]"),
            "[\"\\u009b31m\\u202e\\u007f\"]");
  EXPECT_EQ(printable_json("[1,\r\n\t2]"), "[1, \n\t2]") << "a carriage return would hide what precedes it";
  EXPECT_EQ(printable_json("[\"\xFF\"]"), "[\"\\ufffd\"]");
}

TEST(Printable, escapes_bytes_that_are_not_utf8) {
  EXPECT_EQ(printable("a\xff"
                      "b"),
            "a\\xffb");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf") << "overlong";
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "surrogate";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "above U+10FFFF";
  EXPECT_EQ(printable("\xe2\x82"), "\\xe2\\x82") << "cut short";
}

}  // namespace
}  // namespace busrt::base
