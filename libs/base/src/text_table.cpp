#include "busrt/base/text_table.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "busrt/base/printable.hpp"

namespace busrt::base {
namespace {

/// What is still of use of the text in the first column.
constexpr std::size_t least_text = 8;

}  // namespace

TextTable::TextTable(std::vector<TableColumn> columns) : columns_(std::move(columns)) {
  std::vector<std::string> titles;
  for (const TableColumn& column : columns_) titles.push_back(column.title);
  rows_.push_back(std::move(titles));
}

void TextTable::add_row(std::vector<std::string> cells) {
  for (std::string& cell : cells) cell = printable(cell);
  rows_.push_back(std::move(cells));
}

std::vector<std::size_t> TextTable::fitted(std::size_t gap, std::size_t room) const {
  std::vector<Column> wanted(columns_.size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      wanted[i].width = std::max(wanted[i].width, columns_of(row[i]));
  }
  std::size_t whole = gap * (wanted.size() - 1);
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    wanted[i].rank = columns_[i].rank;
    wanted[i].least = wanted[i].width;
    whole += wanted[i].width;
  }
  Column& first = wanted.front();
  const std::size_t text = first.width;
  first.least = std::min(text, least_text);
  if (whole > room) first.width = std::clamp(room / 2, first.least, text);
  auto widths = fit_columns(wanted, gap, room);
  const std::size_t used = total_width(widths, gap);
  if (used < room) widths.front() = std::min(text, widths.front() + room - used);
  return widths;
}

TableLayout TextTable::lay_out(std::size_t gap, std::optional<std::size_t> room) const {
  const std::vector<std::size_t> widths = fitted(gap, room.value_or(SIZE_MAX));
  TableLayout layout;
  layout.width = total_width(widths, gap);
  for (const auto& row : rows_) {
    std::vector<TableCell> cells;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (widths[i] == 0) continue;
      TableCell cell{i, cut(row[i], widths[i])};
      (columns_[i].align == Align::right ? cell.before : cell.after) = widths[i] - columns_of(cell.text);
      cells.push_back(std::move(cell));
    }
    layout.rows.push_back(std::move(cells));
  }
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == 0) layout.left_out += (layout.left_out.empty() ? "" : ", ") + columns_[i].title;
  }
  return layout;
}

}  // namespace busrt::base
