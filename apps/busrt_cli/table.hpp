// Tables in the layout that scripts know from the real tool.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/text_table.hpp"
#include "terminal.hpp"

namespace busrt_cli {

struct Cell {
  std::string text;
  std::optional<Style> style;

  Cell(std::string content) : text(std::move(content)) {}
  Cell(const char* content) : text(content) {}
  Cell(std::string content, Style look) : text(std::move(content)), style(look) {}
};

/// Columns as wide as their widest cell, one blank before and after each, a line of dashes under the titles.
class Table {
 public:
  /// `most_useful_first` names titles: where a terminal is too narrow, the first column is cut to half of
  /// it, and then columns are left out from the end, after those that are not named. Without names the table
  /// is as wide as it is.
  explicit Table(std::vector<std::string> titles,
                 const std::vector<std::string_view>& most_useful_first = {});
  /// As many cells as there are titles.
  void add_row(std::vector<Cell> cells);
  /// For a terminal of `columns`, with a last line that says what was left out; else whole.
  [[nodiscard]] std::string to_string(std::optional<std::size_t> columns = std::nullopt) const;

 private:
  bool may_be_cut_;
  std::vector<std::vector<std::optional<Style>>>
      styles_;  ///< by row and column; the first row is the titles'
  busrt::base::TextTable text_;
};

}  // namespace busrt_cli
