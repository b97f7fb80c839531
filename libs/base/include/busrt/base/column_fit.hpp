// Which columns of a table a narrow terminal has room for.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace busrt::base {

struct Column {
  std::size_t width = 0;  ///< of its widest cell
  std::size_t least = 0;  ///< may be cut to this; its width where it may not, since a cut number is another
  unsigned rank = 0;      ///< 0: the most useful; one table has each rank once
};

/// A width for each column, 0 for one that is left out, so that they fit into `available` with `gap` blanks
/// between two. The least useful one shrinks to its least first and is left out next; the most useful one
/// shrinks last, and never is left out.
[[nodiscard]] std::vector<std::size_t> fit_columns(std::span<const Column> columns, std::size_t gap,
                                                   std::size_t available);

}  // namespace busrt::base
