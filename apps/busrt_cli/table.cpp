// Widths are counted in code points, which is right for the names and numbers shown here.
#include "table.hpp"

#include <algorithm>

#include "base/printable.hpp"

namespace busrt_cli {
namespace {

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }));
}

}  // namespace

Table::Table(std::vector<std::string> titles) {
  std::vector<Cell> row;
  for (std::string& title : titles) row.emplace_back(std::move(title), Style::blue);
  rows_.push_back(std::move(row));
}

void Table::add_row(std::vector<Cell> cells) {
  for (Cell& cell : cells) cell.text = base::printable(cell.text);
  rows_.push_back(std::move(cells));
}

std::string Table::to_string() const {
  std::vector<std::size_t> widths(rows_.front().size(), 0);
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  std::string text;
  for (const auto& row : rows_) {
    std::size_t line_width = 1;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::size_t padding = widths[i] - width_of(row[i].text);
      text += ' ';
      text += row[i].style ? paint(*row[i].style, row[i].text) : row[i].text;
      text.append(padding + 1, ' ');
      line_width += widths[i] + 2;
    }
    text += " \n";
    if (&row == &rows_.front()) text.append(line_width, '-').append("\n");
  }
  return text;
}

}  // namespace busrt_cli
