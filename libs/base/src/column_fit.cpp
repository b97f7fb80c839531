#include "busrt/base/column_fit.hpp"

#include <algorithm>
#include <numeric>

namespace busrt::base {

std::size_t total_width(const std::vector<std::size_t>& widths, std::size_t gap) {
  std::size_t sum = 0;
  for (const std::size_t width : widths) {
    if (width != 0) sum += width + (sum == 0 ? 0 : gap);
  }
  return sum;
}

std::vector<std::size_t> fit_columns(std::span<const Column> columns, std::size_t gap,
                                     std::size_t available) {
  std::vector<std::size_t> widths;
  for (const Column& column : columns) widths.push_back(column.width);
  std::vector<std::size_t> least_useful_first(columns.size());
  std::iota(least_useful_first.begin(), least_useful_first.end(), std::size_t{0});
  std::ranges::sort(least_useful_first, [columns](std::size_t left, std::size_t right) {
    return columns[left].rank > columns[right].rank;
  });
  for (const std::size_t each : least_useful_first) {
    const std::size_t needed = total_width(widths, gap);
    if (needed <= available) break;
    const std::size_t excess = needed - available;
    const bool last = each == least_useful_first.back();
    const std::size_t least = last ? 1 : columns[each].least;
    if (columns[each].width >= least + excess) {
      widths[each] = columns[each].width - excess;
    } else {
      widths[each] = last ? std::min<std::size_t>(columns[each].width, 1) : 0;
    }
  }
  return widths;
}

}  // namespace busrt::base
