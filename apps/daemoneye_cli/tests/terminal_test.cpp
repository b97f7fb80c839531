// Text for a terminal.
#include "terminal.hpp"

#include <gtest/gtest.h>

namespace daemoneye_cli {
namespace {

TEST(Terminal, NothingFromOutsideIsObeyed) {
  EXPECT_EQ(harmless("plain ünï ✓"), "plain ünï ✓");
  EXPECT_EQ(harmless("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(harmless("a\nb\tc\x7f"), "a\\x0ab\\x09c\\x7f");
  EXPECT_EQ(harmless("\xc2\x9b"), "\\x9b") << "the one-byte CSI of the upper control range";
  EXPECT_EQ(harmless("\xe2\x80\xae"
                     "gpj.exe"),
            "\\u{202e}gpj.exe");
}

TEST(Terminal, AByteCutOffAtTheEndIsNoReadBeyondIt) {
  EXPECT_EQ(harmless("a\xe2\x80").substr(0, 1), "a");
}

TEST(Terminal, CutsByWhatIsSeenNotByBytes) {
  EXPECT_EQ(cut("abc", 3), "abc");
  EXPECT_EQ(cut("abcd", 3), "ab…");
  EXPECT_EQ(cut("äöüß", 3), "äö…");
  EXPECT_EQ(cut("äöü", 3), "äöü");
  EXPECT_EQ(cut("abc", 1), "…");
  EXPECT_EQ(cut("abc", 0), "");
}

TEST(Terminal, WrapsAtSpacesWithAnIndent) {
  EXPECT_EQ(wrapped("  ab cd ef gh", {false, 9}, 3), "  ab cd\n   ef gh");
  EXPECT_EQ(wrapped("ab cd", {false, 80}, 3), "ab cd");
  EXPECT_EQ(wrapped("ab cd", {}, 3), "ab cd");
  EXPECT_EQ(wrapped("x abcdefghijklmnop y", {false, 9}, 2), "x\n  abcdefghijklmnop\n  y")
      << "a long word stays whole";
  EXPECT_EQ(wrapped("", {false, 9}, 2), "");
}

TEST(Terminal, PaintsOnlyWhereThereAreColours) {
  EXPECT_EQ(paint({}, Colour::red, "x"), "x");
  EXPECT_EQ(paint({true, {}}, Colour::red, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(paint({true, {}}, Colour::none, "x"), "x");
}

TEST(Terminal, NumbersAndSpansReadWell) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(1234567), "1,234,567");
  EXPECT_EQ(time_span(59), "59 s");
  EXPECT_EQ(time_span(61), "1 min");
  EXPECT_EQ(time_span(3700), "1 h 1 min");
  EXPECT_EQ(time_span(90000), "1 d 1 h");
}

}  // namespace
}  // namespace daemoneye_cli
