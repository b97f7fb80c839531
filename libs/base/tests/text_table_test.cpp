#include "busrt/base/text_table.hpp"

#include <gtest/gtest.h>

namespace busrt::base {
namespace {

/// The lines with their blanks.
std::string shown(const TableLayout& layout, std::size_t gap) {
  std::string text;
  for (const auto& row : layout.rows) {
    std::string line;
    for (const TableCell& cell : row) {
      if (!line.empty()) line.append(gap, ' ');
      line.append(cell.before, ' ').append(cell.text).append(cell.after, ' ');
    }
    text += line + "|\n";
  }
  return text;
}

TEST(TextTable, IsAsWideAsItsCellsWithoutARoom) {
  TextTable table({{"NAME", 0}, {"N", 1, Align::right}});
  table.add_row({"a", "12"});
  table.add_row({"\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2", "3"});  // three wide characters
  const TableLayout layout = table.lay_out(2, std::nullopt);
  EXPECT_EQ(shown(layout, 2),
            "NAME     N|\n"
            "a       12|\n"
            "\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2   3|\n");
  EXPECT_EQ(layout.width, 10U);
  EXPECT_EQ(layout.left_out, "");
}

TEST(TextTable, WithoutRowsTheTitlesRemain) {
  EXPECT_EQ(shown(TextTable({{"A", 0}, {"B", 1}}).lay_out(1, 80), 1), "A B|\n");
}

TEST(TextTable, ANarrowRoomLeavesOutTheLeastUsefulColumnsAndNamesThem) {
  TextTable table({{"NAME", 0}, {"PORT", 2}, {"LOST", 1}, {"UP", 3}});
  table.add_row({"short", "12345678", "7", "1 h"});
  const TableLayout layout = table.lay_out(2, 16);
  EXPECT_EQ(shown(layout, 2), "NAME   LOST|\nshort  7   |\n");
  EXPECT_EQ(layout.left_out, "PORT, UP");
  EXPECT_EQ(layout.rows[1][1].column, 2U) << "a cell knows its place among all columns";
}

TEST(TextTable, ALongNameIsCutToHalfOfTheRoomBeforeAColumnIsLeftOut) {
  TextTable table({{"NAME", 0}, {"LOST", 1}});
  table.add_row({std::string(100, 'n'), "12345678"});
  const TableLayout layout = table.lay_out(2, 30);
  EXPECT_EQ(layout.left_out, "");
  EXPECT_EQ(layout.width, 30U) << "what is still free belongs to the name";
  EXPECT_EQ(layout.rows[1][0].text, std::string(19, 'n') + "…");
  EXPECT_EQ(layout.rows[1][1].text, "12345678") << "a number is never cut";
}

TEST(TextTable, NoRowIsWiderThanItsRoom) {
  TextTable table({{"NAME", 0}, {"A", 1, Align::right}, {"B", 2}});
  table.add_row({std::string(40, 'n'), "123456", "some words"});
  for (std::size_t room = 1; room < 70; ++room) {
    const TableLayout layout = table.lay_out(2, room);
    EXPECT_LE(layout.width, room);
    for (const auto& row : layout.rows) EXPECT_FALSE(row.empty()) << room;
  }
}

TEST(TextTable, ControlCharactersOfACellAreEscaped) {
  TextTable table({{"NAME", 0}});
  table.add_row({"\x1b[2J"});
  EXPECT_EQ(table.lay_out(2, std::nullopt).rows[1][0].text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace busrt::base
