// The settings of the collectors, checked by the collectors themselves: each knows its own schema.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "config/config.hpp"

namespace daemoneye_agent {

/// How long a collector may take to check its settings.
inline constexpr std::chrono::seconds settings_check_timeout{10};
/// The most mistakes of one collector that are named.
inline constexpr std::size_t max_setting_mistakes = 64;

struct SettingsCheck {
  /// `agent.toml:4:20: collectors.procmond.settings.method: expected ...`, one for each mistake.
  std::vector<std::string> errors;
  /// Settings that could not be checked, and why.
  std::vector<std::string> warnings;
};

/// Runs `PROGRAM --check-settings` (collector_core/collector_main.hpp) for every enabled collector that has
/// settings. A program that does not know the flag, or cannot be found, gives a warning. Blocks for at most
/// settings_check_timeout a collector.
[[nodiscard]] SettingsCheck check_settings(const Config& config,
                                           std::chrono::milliseconds timeout = settings_check_timeout);

}  // namespace daemoneye_agent
