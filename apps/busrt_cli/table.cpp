#include "table.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "busrt/base/column_fit.hpp"
#include "busrt/base/printable.hpp"
#include "busrt/base/terminal_text.hpp"

namespace busrt_cli {

Table::Table(std::vector<std::string> titles, std::vector<std::string_view> most_useful_first)
    : most_useful_first_(std::move(most_useful_first)) {
  std::vector<Cell> row;
  for (std::string& title : titles) row.emplace_back(std::move(title), Style::blue);
  rows_.push_back(std::move(row));
}

void Table::add_row(std::vector<Cell> cells) {
  for (Cell& cell : cells) cell.text = busrt::base::printable(cell.text);
  rows_.push_back(std::move(cells));
}

namespace {

constexpr std::size_t gap = 2;

/// Where not all fit, the text of the first column is cut to half of the room before a column is left
/// out; what is still free then is the text's again.
std::vector<std::size_t> fit(std::vector<busrt::base::Column> columns, std::size_t room) {
  std::size_t whole = gap * (columns.size() - 1);
  for (const busrt::base::Column& column : columns) whole += column.width;
  const std::size_t text = columns.front().width;
  if (whole > room) columns.front().width = std::clamp(room / 2, columns.front().least, text);
  auto widths = busrt::base::fit_columns(columns, gap, room);
  std::size_t used = 0;
  for (const std::size_t width : widths) {
    if (width != 0) used += width + (used == 0 ? 0 : gap);
  }
  if (used < room) widths.front() = std::min(text, widths.front() + room - used);
  return widths;
}

}  // namespace

std::vector<std::size_t> Table::widths(std::optional<std::size_t> columns) const {
  constexpr std::size_t least_text = 8;
  std::vector<busrt::base::Column> wanted(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      wanted[i].width = std::max(wanted[i].width, busrt::base::columns_of(row[i].text));
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto place = std::ranges::find(most_useful_first_, rows_.front()[i].text);
    const auto named = static_cast<std::size_t>(place - most_useful_first_.begin());
    const bool is_named = place != most_useful_first_.end();
    wanted[i].rank = static_cast<unsigned>(is_named ? named : most_useful_first_.size() + i);
    // Only the first column is text that is still of use when it is cut.
    wanted[i].least = i == 0 ? std::min(wanted[i].width, least_text) : wanted[i].width;
  }
  // One blank before the first cell, one after the last, one at the end of the line.
  constexpr std::size_t frame = 3;
  const std::size_t room =
      columns && !most_useful_first_.empty() ? std::max(*columns, frame + 1) - frame : SIZE_MAX;
  return fit(std::move(wanted), room);
}

std::string Table::left_out(const std::vector<std::size_t>& widths) const {
  std::string titles;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] == 0) titles += (titles.empty() ? "" : ", ") + rows_.front()[i].text;
  }
  return titles.empty() ? titles : paint(Style::dimmed, "too narrow for: " + titles) + "\n";
}

std::string Table::to_string(std::optional<std::size_t> columns) const {
  const std::vector<std::size_t> fitted = widths(columns);
  std::string text;
  for (const auto& row : rows_) {
    std::size_t line_width = 1;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (fitted[i] == 0) continue;
      const std::string cell = busrt::base::cut(row[i].text, fitted[i]);
      text += ' ';
      text += row[i].style ? paint(*row[i].style, cell) : cell;
      text.append(fitted[i] - busrt::base::columns_of(cell) + 1, ' ');
      line_width += fitted[i] + 2;
    }
    text += " \n";
    if (&row == &rows_.front()) text.append(line_width, '-').append("\n");
  }
  return text + left_out(fitted);
}

}  // namespace busrt_cli
