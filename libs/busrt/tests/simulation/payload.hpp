// Payloads that say which operation they are of, and whose every byte is known from its number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "wire/codec.hpp"

namespace busrt::simulation {

inline constexpr std::size_t least_payload = 4;

[[nodiscard]] inline std::vector<std::byte> payload_of(std::uint32_t number, std::size_t size) {
  std::vector<std::byte> payload(size);
  wire::store_u32(payload.data(), number);
  std::uint32_t state = number * 2654435761U + 1;
  for (std::size_t at = least_payload; at < size; ++at) {
    state = state * 1664525U + 1013904223U;
    payload[at] = static_cast<std::byte>(state >> 24U);
  }
  return payload;
}

/// Zero where there is none.
[[nodiscard]] inline std::uint32_t number_in(std::span<const std::byte> payload) noexcept {
  return payload.size() < least_payload ? 0 : wire::load_u32(payload.data());
}

}  // namespace busrt::simulation
