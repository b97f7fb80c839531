// The codes that acknowledgements carry, as tests compare them.
#pragma once

#include <cstdint>

#include "busrt/error.hpp"

namespace busrt {

inline constexpr auto ok = static_cast<std::uint8_t>(errc::ok);
inline constexpr auto busy = static_cast<std::uint8_t>(errc::busy);
inline constexpr auto denied = static_cast<std::uint8_t>(errc::access);

}  // namespace busrt
