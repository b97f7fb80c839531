// Lays out a table of text for a terminal of some width.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "busrt/base/column_fit.hpp"
#include "busrt/base/terminal_text.hpp"

namespace busrt::base {

/// A column as the caller describes it.
struct TableColumn {
  std::string title;
  unsigned rank = 0;  ///< importance: 0 is the most useful column; each rank occurs once
  Align align = Align::left;
};

/// One cell as it fits. The caller writes the blanks, so that a colour may cover the text alone.
struct TableCell {
  std::size_t column = 0;  ///< its place among the columns of the table
  std::string text;        ///< cut to the width of its column
  std::size_t before = 0;  ///< blanks that align it
  std::size_t after = 0;
};

/// A table that fits.
struct TableLayout {
  std::vector<std::vector<TableCell>> rows;  ///< the first row holds the titles
  std::size_t width = 0;                     ///< of a line, with the gaps
  std::string left_out;                      ///< titles of columns that did not fit, with commas; or empty
};

/// A table that is as wide as its cells, or as the room that it gets.
///
/// The first column holds text that is still of use when it is cut. In a narrow room it is cut to half of the
/// room (but not below 8 columns), then the least useful columns are left out. What is still free then
/// belongs to the first column again. Other cells are never cut. Thread safety: none.
class TextTable {
 public:
  explicit TextTable(std::vector<TableColumn> columns);

  /// Adds a row with one cell for each column. The texts go through printable().
  void add_row(std::vector<std::string> cells);

  /// Returns the table with `gap` blanks between two columns, in `room` columns of the terminal. Without
  /// `room` the table is as wide as its cells.
  [[nodiscard]] TableLayout lay_out(std::size_t gap, std::optional<std::size_t> room) const;

 private:
  [[nodiscard]] std::vector<std::size_t> fitted(std::size_t gap, std::size_t room) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;  ///< the first row holds the titles
};

}  // namespace busrt::base
