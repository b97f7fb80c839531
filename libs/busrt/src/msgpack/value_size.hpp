// Checks that bytes are one whole MessagePack value. Every byte string from a peer passes this check before
// msgpuck reads it, because msgpuck's own mp_check() takes the reserved byte 0xC1 for an extension, and
// counts the elements of large maps in an int that overflows.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace busrt::msgpack {

/// Returns the size in bytes of the value at the front of `input`; nothing if it is malformed, cut short, or
/// nested more than `max_depth` levels deep (at most limits::max_msgpack_depth). Complexity: linear; no
/// recursion, no allocation.
[[nodiscard]] std::optional<std::size_t> value_size(std::span<const std::byte> input,
                                                    std::size_t max_depth) noexcept;

}  // namespace busrt::msgpack
