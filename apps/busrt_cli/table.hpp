// Tables in the layout that scripts know from the real tool.
#pragma once

#include <optional>
#include <string>
#include <vector>

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
  explicit Table(std::vector<std::string> titles);
  /// As many cells as there are titles.
  void add_row(std::vector<Cell> cells);
  [[nodiscard]] std::string to_string() const;

 private:
  std::vector<std::vector<Cell>> rows_;  ///< the first one holds the titles
};

}  // namespace busrt_cli
