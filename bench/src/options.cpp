#include "options.hpp"

#include <fmt/core.h>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>

namespace bench {

Options parse_options(int argc, char** argv, const std::string& usage) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto value = [&]() -> std::string {
      if (i + 1 >= argc) throw std::runtime_error("missing value after " + std::string(word));
      return argv[++i];
    };
    if (word == "--") {
      options.command.assign(argv + i + 1, argv + argc);
      break;
    }
    if (word == "--label") {
      options.label = value();
    } else if (word == "--scale") {
      options.scale = std::stod(value());
    } else if (word == "--only") {
      options.only = value();
    } else if (word == "--measure") {
      options.measure = value();
    } else if (word == "--record") {
      options.record = value();
    } else if (word == "--steady") {
      options.steady_seconds = std::stod(value());
    } else if (word == "--list") {
      options.list = true;
    } else if (word == "--own") {
      options.own = true;
    } else if (word.starts_with("-")) {
      throw std::runtime_error("unknown option " + std::string(word) + "; usage: " + usage);
    } else {
      options.words.emplace_back(word);
    }
  }
  return options;
}

int run_measurements(const std::vector<Measurement>& measurements, const Options& options) {
  int status = 0;
  for (const Measurement& measurement : measurements) {
    if (measurement.name.find(options.only) == std::string::npos) continue;
    if (!options.measure.empty() && measurement.name != options.measure) continue;
    if (options.list) {
      fmt::print("{}\n", measurement.name);
      continue;
    }
    try {
      measurement.run();
    } catch (const std::exception& error) {
      fmt::print(stderr, "{}: {}: FAILED: {}\n", options.label, measurement.name, error.what());
      status = 1;
    }
  }
  return status;
}

}  // namespace bench
