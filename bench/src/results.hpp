// Where figures go: a line for the reader at once, and a record that bench/report.py makes tables and plots
// of.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// Records the samples of one metric of one measurement; each is one run's figure.
class Results {
 public:
  /// Appends to `record`, or keeps no record where that is empty.
  Results(std::string label, std::string record) : label_(std::move(label)), record_(std::move(record)) {}

  [[nodiscard]] const std::string& label() const noexcept { return label_; }
  /// One line: label, measurement, metric, median, least, greatest, separated by tabs.
  void record(std::string_view measurement, std::string_view metric,
              const std::vector<double>& samples) const;
  /// A line for the reader.
  void print(std::string_view measurement, std::string_view figures) const;

  /// The same record for figures of somebody else, such as the kernel's floors.
  [[nodiscard]] Results labelled(std::string label) const { return {std::move(label), record_}; }

 private:
  std::string label_;
  std::string record_;
};

}  // namespace bench
