// The command line that the benchmark programs share, and how they run what was asked for.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace bench {

struct Options {
  std::string label;                 ///< --label: whom the figures belong to
  double scale = 1;                  ///< --scale: how much work, and so how long each run takes
  std::string only;                  ///< --only: measurements whose names hold these words
  std::string measure;               ///< --measure: the one measurement of exactly this name
  std::string record;                ///< --record: file that the figures are appended to
  double steady_seconds = 20;        ///< --steady: how long the steady load lasts
  bool list = false;                 ///< --list: print the measurements' names and end
  bool own = false;                  ///< --own: the broker is ours, and knows its options
  std::vector<std::string> words;    ///< what is no option
  std::vector<std::string> command;  ///< after --
};

/// Throws std::runtime_error with `usage` for what it does not know.
[[nodiscard]] Options parse_options(int argc, char** argv, const std::string& usage);

/// One entry of the table: what is measured, by name.
struct Measurement {
  std::string name;
  std::function<void()> run;
};

/// Runs, or lists, the measurements that the options select. One that fails is reported and the others still
/// run; returns the exit code.
[[nodiscard]] int run_measurements(const std::vector<Measurement>& measurements, const Options& options);

}  // namespace bench
