// Medians and percentiles of a benchmark's samples.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench {

/// The value below which `fraction` of the samples lie; there is at least one sample.
[[nodiscard]] inline double percentile(std::vector<double> values, double fraction) {
  std::ranges::sort(values);
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(fraction * static_cast<double>(values.size())))];
}
[[nodiscard]] inline double median(const std::vector<double>& values) {
  return percentile(values, 0.5);
}

}  // namespace bench
