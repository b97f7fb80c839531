// Selects the columns of a table that fit a narrow terminal.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace busrt::base {

/// One column of a table.
struct Column {
  std::size_t width = 0;  ///< width of its widest cell
  /// Width to which it may shrink. It equals `width` for numbers, because a cut number shows a wrong value.
  std::size_t least = 0;
  unsigned rank = 0;  ///< importance: 0 is the most useful column; each rank occurs once
};

/// Computes the width of each column.
///
/// Returns widths that fit into `available` with `gap` blanks between two columns; 0 means that the column is
/// left out. The least useful column first shrinks to its least width and is then left out. The most useful
/// column shrinks last and is never left out.
[[nodiscard]] std::vector<std::size_t> fit_columns(std::span<const Column> columns, std::size_t gap,
                                                   std::size_t available);

/// Returns the width of a line with these columns, with `gap` blanks between two of them. A width of 0 is a
/// column that is left out.
[[nodiscard]] std::size_t total_width(const std::vector<std::size_t>& widths, std::size_t gap);

}  // namespace busrt::base
