// The layout that scripts cut into columns.
#include "table.hpp"

#include <gtest/gtest.h>

namespace busrt_cli {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  Table table({"field", "value"});
  table.add_row({"r_frames", "19"});
  table.add_row({"up", Cell("1234567", Style::yellow)});
  EXPECT_EQ(table.to_string(),
            " field     value    \n"
            "--------------------\n"
            " r_frames  19       \n"
            " up        1234567  \n");
}

TEST(Table, WithoutRowsTheTitlesRemain) {
  EXPECT_EQ(Table({"name", "ins"}).to_string(), " name  ins  \n------------\n");
}

TEST(Table, WidthsAreWhatATerminalTakes) {
  Table table({"n", "v"});
  table.add_row({"\xC3\xA9t\xC3\xA9", "1"});
  table.add_row({"漢", "2"});
  table.add_row({"e\u0301", "3"});
  EXPECT_EQ(table.to_string(), " n    v  \n---------\n \xC3\xA9t\xC3\xA9  1  \n 漢   2  \n e\u0301    3  \n");
}

TEST(Table, ANarrowTerminalGetsTheMostUsefulColumnsAndTheNamesOfTheOthers) {
  Table table({"name", "port", "lost"}, {"name", "lost"});
  table.add_row({"a.client.of.some.name", "/run/bus.sock", "12_345"});
  EXPECT_EQ(table.to_string(40),
            " name                   lost    \n"
            "--------------------------------\n"
            " a.client.of.some.name  12_345  \n"
            "too narrow for: port\n");
  EXPECT_EQ(table.to_string(15),
            " name          \n"
            "---------------\n"
            " a.client.of…  \n"
            "too narrow for: port, lost\n");
  EXPECT_EQ(table.to_string(200), table.to_string());
}

TEST(Table, OneLongNameLeavesRoomForTheUsefulColumns) {
  const std::string longest(200, 'n');
  Table table({"name", "port", "lost", "queue"}, {"name", "lost", "queue"});
  table.add_row({longest, std::string(60, 'p'), "12_345", "7"});
  table.add_row({"short", "p", "0", "0"});
  EXPECT_EQ(table.to_string(80).substr(0, 81), " name" + std::string(60, ' ') + "lost    queue  \n");
  EXPECT_TRUE(table.to_string(80).contains("n…  12_345  7  ")) << table.to_string(80);
  EXPECT_TRUE(table.to_string(80).contains("too narrow for: port\n")) << table.to_string(80);
  Table narrow({"name", "a", "b"}, {"name", "a", "b"});
  narrow.add_row({longest, std::string(15, 'a'), std::string(15, 'b')});
  EXPECT_TRUE(narrow.to_string(80).contains("n…  aaaaaaaaaaaaaaa  bbbbbbbbbbbbbbb  "));
}

TEST(Numbers, DigitsAreGroupedByThree) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1_000");
  EXPECT_EQ(grouped(1234567890), "1_234_567_890");
}

}  // namespace
}  // namespace busrt_cli
