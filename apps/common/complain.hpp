// A program's last words on standard error.
#pragma once

#include <fmt/core.h>

#include <cstdio>
#include <string_view>

#include "busrt/base/printable.hpp"

namespace program {

/// Prints "PROGRAM: TEXT". The text may quote an argument, a file or a peer, so what could act on a terminal
/// is escaped (busrt::base::printable_lines()).
inline void complain(std::string_view name, std::string_view text) {
  fmt::print(stderr, "{}: {}\n", name, busrt::base::printable_lines(text));
}

}  // namespace program
