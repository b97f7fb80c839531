// The hash of everything that a peer may choose the text of. Keyed (SipHash-1-3 with a key drawn once per
// process), so that no client can craft topics that fall into one bucket and slow everybody's routing down.
#pragma once

#include <cstdint>
#include <string_view>

namespace busrt::routing {

/// Differs from process to process; equal texts hash equal within one. Safe from any thread.
[[nodiscard]] std::uint64_t keyed_hash(std::string_view text) noexcept;

/// Mixes a text's hash with the number of the node that it hangs on.
[[nodiscard]] constexpr std::uint32_t edge_hash(std::uint32_t parent, std::uint64_t text_hash) noexcept {
  std::uint64_t mixed = text_hash + parent * std::uint64_t{0x9E3779B97F4A7C15U};
  mixed = (mixed ^ (mixed >> 32U)) * 0xD6E8FEB86659FD93U;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

/// Spreads small consecutive numbers over all 32 bits.
[[nodiscard]] constexpr std::uint32_t number_hash(std::uint32_t number) noexcept {
  return static_cast<std::uint32_t>((number * std::uint64_t{0x9E3779B97F4A7C15U}) >> 32U);
}

}  // namespace busrt::routing
