// Where busrtd and busrt meet when an address gives a bare name.
#pragma once

#include <filesystem>

#include "busrt/address.hpp"

namespace command_line {

/// Returns /run/busrt for root, else $XDG_RUNTIME_DIR/busrt, else /tmp/busrt-UID.
[[nodiscard]] inline std::filesystem::path runtime_directory() {
  return busrt::runtime_directory("busrt");
}

}  // namespace command_line
