// The directory of DaemonEye's sockets whose address is a bare name.
#pragma once

#include <filesystem>

#include "busrt/address.hpp"

namespace daemoneye::collector {

/// Returns /run/daemoneye for root, else $XDG_RUNTIME_DIR/daemoneye, else /tmp/daemoneye-UID.
[[nodiscard]] inline std::filesystem::path runtime_directory() {
  return busrt::runtime_directory("daemoneye");
}

}  // namespace daemoneye::collector
