// Widths as a terminal has them.
#include "busrt/base/terminal_text.hpp"

#include <gtest/gtest.h>

namespace busrt::base {
namespace {

TEST(TerminalText, WideCharactersTakeTwoColumnsAndMarksNone) {
  EXPECT_EQ(columns_of(""), 0U);
  EXPECT_EQ(columns_of("abc"), 3U);
  EXPECT_EQ(columns_of("äöü"), 3U);
  EXPECT_EQ(columns_of("漢字"), 4U);
  EXPECT_EQ(columns_of("😀"), 2U);
  EXPECT_EQ(columns_of("e\u0301"), 1U) << "a letter and its accent";
  EXPECT_EQ(columns_of("a\u200Bb"), 2U) << "a blank of no width";
  EXPECT_EQ(columns_of("a\xFFz"), 3U) << "a byte that is not UTF-8";
}

TEST(TerminalText, CutsByWhatIsSeenNotByBytes) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "ab…");
  EXPECT_EQ(cut("äöüß", 3), "äö…");
  EXPECT_EQ(cut("äöü", 3), "äöü");
  EXPECT_EQ(cut("abc", 1), "…");
  EXPECT_EQ(cut("abc", 0), "");
  EXPECT_EQ(cut("", 0), "");
}

TEST(TerminalText, ACutNeverTakesMoreColumnsThanThereAre) {
  EXPECT_EQ(cut("漢字漢字", 5), "漢字…");
  EXPECT_EQ(cut("漢字漢字", 4), "漢…") << "two columns do not hold a wide character and the ellipsis";
  EXPECT_EQ(cut("漢字", 1), "…");
  for (std::size_t columns = 0; columns < 12; ++columns) {
    for (const std::string_view text :
         {"漢a字b漢c字d", "e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301", "a😀😀😀😀😀z"}) {
      EXPECT_LE(columns_of(cut(text, columns)), columns) << text;
    }
  }
}

TEST(TerminalText, ACutKeepsACharacterAndItsMarksTogether) {
  EXPECT_EQ(cut("abe\u0301\u0302", 3), "abe\u0301\u0302");
  EXPECT_EQ(cut("ae\u0301bcd", 3), "ae\u0301…");
}

TEST(TerminalText, PadsToColumns) {
  EXPECT_EQ(padded("漢", 4), "漢  ");
  EXPECT_EQ(padded("7", 3, Align::right), "  7");
  EXPECT_EQ(padded("1234", 3, Align::right), "1234") << "a number is never cut";
}

TEST(TerminalText, WhatIsNoTerminalHasNoWidth) {
  EXPECT_EQ(terminal_columns(-1), std::nullopt);
}

}  // namespace
}  // namespace busrt::base
