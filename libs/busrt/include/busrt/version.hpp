// The version of the bus. Programs and the method `info` of `.broker` print it.
#pragma once

#include <string_view>

namespace busrt {
inline constexpr std::string_view version = "0.1.0";
}
