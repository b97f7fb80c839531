// A check of command line options.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace command_line {

/// An empty text is an unset variable of a script as a rule. It must not mean an absent option, least of all
/// one that protects the bus.
[[nodiscard]] inline CLI::Validator not_empty() {
  return {[](const std::string& text) {
            return text.empty() ? std::string("is empty; leave the option out where it is not meant")
                                : std::string();
          },
          ""};
}

}  // namespace command_line
