#include "table.hpp"

#include <algorithm>
#include <utility>

namespace busrt_cli {
namespace {

constexpr std::size_t gap = 2;

/// Columns that are not named come after those that are.
std::vector<busrt::base::TableColumn> ranked(std::vector<std::string> titles,
                                             const std::vector<std::string_view>& most_useful_first) {
  std::vector<busrt::base::TableColumn> columns;
  for (std::string& title : titles) {
    const auto named = std::ranges::find(most_useful_first, title);
    const auto place = static_cast<std::size_t>(named - most_useful_first.begin());
    const bool is_named = named != most_useful_first.end();
    const std::size_t rank = is_named ? place : most_useful_first.size() + columns.size();
    columns.push_back({std::move(title), static_cast<unsigned>(rank)});
  }
  return columns;
}

}  // namespace

Table::Table(std::vector<std::string> titles, const std::vector<std::string_view>& most_useful_first)
    : may_be_cut_(!most_useful_first.empty()),
      styles_{{titles.size(), Style::blue}},
      text_(ranked(std::move(titles), most_useful_first)) {}

void Table::add_row(std::vector<Cell> cells) {
  std::vector<std::string> texts;
  std::vector<std::optional<Style>> styles;
  for (Cell& cell : cells) {
    texts.push_back(std::move(cell.text));
    styles.push_back(cell.style);
  }
  text_.add_row(std::move(texts));
  styles_.push_back(std::move(styles));
}

std::string Table::to_string(std::optional<std::size_t> columns) const {
  // One blank before the first cell, one after the last, one at the end of the line.
  constexpr std::size_t frame = 3;
  const auto room =
      columns && may_be_cut_ ? std::optional(std::max(*columns, frame + 1) - frame) : std::nullopt;
  const busrt::base::TableLayout layout = text_.lay_out(gap, room);
  std::string text;
  for (std::size_t line = 0; line < layout.rows.size(); ++line) {
    for (const busrt::base::TableCell& cell : layout.rows[line]) {
      const auto style = styles_[line][cell.column];
      text += ' ';
      text += style ? paint(*style, cell.text) : cell.text;
      text.append(cell.after + 1, ' ');
    }
    text += " \n";
    if (line == 0) text.append(layout.width + frame, '-').append("\n");
  }
  if (layout.left_out.empty()) return text;
  return text + paint(Style::dimmed, "too narrow for: " + layout.left_out) + "\n";
}

}  // namespace busrt_cli
