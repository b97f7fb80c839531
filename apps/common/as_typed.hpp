// Options of several values that take each as it was typed.
#pragma once

#include <CLI/CLI.hpp>

namespace command_line {

/// CLI11 takes `[a,b]` for a list of a and b where an option may have any number of values. It does not where
/// the number has a bound, which here lies far above what an argument list holds of use.
inline CLI::Option* as_typed(CLI::Option* option) {
  constexpr int most_values = 65536;
  return option->expected(1, most_values)->allow_extra_args(false);
}

}  // namespace command_line
