// The version of the bus, as programs and `.broker info` print it.
#pragma once

#include <string_view>

namespace busrt {
inline constexpr std::string_view version = "0.1.0";
}
