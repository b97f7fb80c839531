// What a terminal takes for one character; each system has its own table.
#pragma once

#include <cstddef>
#include <cstdint>

namespace busrt::base {

/// 0, 1 or 2.
[[nodiscard]] std::size_t character_columns(std::uint32_t code_point) noexcept;

}  // namespace busrt::base
