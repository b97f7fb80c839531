// The settings of the collectors, checked by the collectors themselves: each knows its own schema.
#pragma once

#include <chrono>
#include <cstdint>

#include "config/config.hpp"
#include "config/config_check.hpp"

namespace daemoneye_agent {

/// How long a collector may take to check its settings.
inline constexpr std::chrono::seconds settings_check_timeout{10};
/// The most mistakes of one collector that are named.
inline constexpr std::size_t max_setting_mistakes = 64;

/// Which collectors are asked.
enum class Asked : std::uint8_t { enabled, all };

/// Runs `PROGRAM --check-settings` (daemoneye/collector/collector_main.hpp) for every collector that is asked
/// and has settings. A program that does not know the flag gives a warning, and so does one that is missing
/// where the collector is disabled; a start names the others. Blocks for at most settings_check_timeout a
/// collector.
[[nodiscard]] ConfigCheck check_settings(const Config& config, Asked asked = Asked::enabled,
                                         std::chrono::milliseconds timeout = settings_check_timeout);

}  // namespace daemoneye_agent
