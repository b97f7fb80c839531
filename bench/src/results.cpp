#include "results.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <stdexcept>

#include "statistics.hpp"

namespace bench {

void Results::record(std::string_view measurement, std::string_view metric,
                     const std::vector<double>& samples) const {
  if (record_.empty()) return;
  // Opened for each line: several programs append to one record, one after the other.
  std::FILE* file = std::fopen(record_.c_str(), "a");
  if (file == nullptr) throw std::runtime_error("cannot write " + record_);
  fmt::print(file, "{}\t{}\t{}\t{:.6g}\t{:.6g}\t{:.6g}\n", label_, measurement, metric, median(samples),
             percentile(samples, 0), percentile(samples, 1));
  std::fclose(file);
}

void Results::print(std::string_view measurement, std::string_view figures) const {
  fmt::print("{:<12} {:<44} {}\n", label_, measurement, figures);
  std::fflush(stdout);
}

}  // namespace bench
