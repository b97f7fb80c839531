// Text for a terminal.
#include "terminal.hpp"

#include <gtest/gtest.h>

namespace daemoneye_cli {
namespace {

TEST(Terminal, WrapsAtSpacesWithAnIndent) {
  EXPECT_EQ(wrapped("  ab cd ef gh", {false, 9}, 3), "  ab cd\n   ef gh");
  EXPECT_EQ(wrapped("ab cd", {false, 80}, 3), "ab cd");
  EXPECT_EQ(wrapped("ab cd", {}, 3), "ab cd");
  EXPECT_EQ(wrapped("x abcdefghijklmnop y", {false, 9}, 2), "x\n  abcdefghijklmnop\n  y")
      << "a long word stays whole";
  EXPECT_EQ(wrapped("", {false, 9}, 2), "");
}

TEST(Terminal, WrapsWideCharactersByTheirWidth) {
  EXPECT_EQ(wrapped("漢字 漢字 ab", {false, 9}, 2), "漢字 漢字\n  ab");
}

TEST(Terminal, ATerminalGetsJsonWithoutControlCharacters) {
  EXPECT_EQ(json_line("[\"\xC2\x9B\"]", {false, 80}), "[\"\\u009b\"]\n");
  EXPECT_EQ(json_line("[\"\xC2\x9B\"]", {}), "[\"\xC2\x9B\"]\n") << "a program gets it as it is";
}

TEST(Terminal, PaintsOnlyWhereThereAreColours) {
  EXPECT_EQ(paint({}, Colour::red, "x"), "x");
  EXPECT_EQ(paint({true, {}}, Colour::red, "x"), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(paint({true, {}}, Colour::none, "x"), "x");
}

TEST(Terminal, SpansReadWell) {
  EXPECT_EQ(time_span(59), "59 s");
  EXPECT_EQ(time_span(61), "1 min");
  EXPECT_EQ(time_span(3700), "1 h 1 min");
  EXPECT_EQ(time_span(90000), "1 d 1 h");
}

}  // namespace
}  // namespace daemoneye_cli
