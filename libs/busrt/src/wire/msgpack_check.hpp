// The old place of msgpack/value_size.hpp, for sources that are still to be changed.
#pragma once

#include "msgpack/value_size.hpp"

namespace busrt::wire {

[[nodiscard]] inline std::optional<std::size_t> msgpack_value_size(std::span<const std::byte> input,
                                                                   std::size_t max_depth) noexcept {
  return msgpack::value_size(input, max_depth);
}

}  // namespace busrt::wire
