// The command line of a collector program, parsed.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>
#include <variant>

#include "busrt/base/log.hpp"

namespace daemoneye::collector {

struct CollectorOptions {
  std::string bus;
  std::string name;
  boost::json::object settings{};
  busrt::base::LogLevel log_level = busrt::base::LogLevel::info;
  bool check_settings = false;  ///< check `settings` and end; there is no bus then
};

/// What the program prints before it ends at once: help and version on stdout with code 0, an error on stderr
/// with 2.
struct EarlyExit {
  int code = 0;
  std::string text;
};

/// The most that is read of settings, in bytes.
inline constexpr std::size_t max_settings_bytes = 1U << 20;

/// Flags win over the environment (DAEMONEYE_BUS). `default_name` is the source's. `--settings -` and
/// `--check-settings` read them from `input` to its end.
[[nodiscard]] std::variant<CollectorOptions, EarlyExit> parse_options(std::string_view default_name, int argc,
                                                                      const char* const* argv,
                                                                      std::FILE* input = stdin);

}  // namespace daemoneye::collector
