// The bytes of a configuration file, and no more than one can have.
#pragma once

#include <cstddef>
#include <string>

#include "busrt/base/result.hpp"

namespace daemoneye_agent {

/// Far above any configuration that people write; what is larger was named by mistake.
inline constexpr std::size_t max_config_bytes = 1U << 20;

/// The content of a regular file of at most max_config_bytes. Never waits: a fifo or a device is refused by
/// what it is, and a file that other users can change by its owner and mode.
[[nodiscard]] busrt::base::Result<std::string> read_config_file(const std::string& path);

}  // namespace daemoneye_agent
