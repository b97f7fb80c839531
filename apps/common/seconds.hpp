// Times on the command line of the bus's programs: seconds, with fractions.
#pragma once

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>

namespace command_line {

inline constexpr double max_seconds = 86'400;

/// From `least` to a day. Unlike CLI::Range it refuses what is no number: nothing compares with it.
[[nodiscard]] inline CLI::Validator seconds_from(double least) {
  return {[least](const std::string& text) -> std::string {
            double value = 0;
            const bool number = CLI::detail::lexical_cast(text, value);
            if (number && value >= least && value <= max_seconds) return {};
            return fmt::format("{} is no time from {} to {} seconds", text, least, max_seconds);
          },
          ""};
}

[[nodiscard]] inline std::chrono::milliseconds to_milliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(std::llround(seconds * 1000.0)));
}

}  // namespace command_line
