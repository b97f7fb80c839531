#include "msgpack/value_size.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "busrt/limits.hpp"

namespace busrt::msgpack {

namespace {

/// What a first byte announces (https://github.com/msgpack/msgpack, the specification of 2017-08-09).
struct Token {
  bool valid = true;
  std::size_t length_bytes = 0;   ///< bytes of a big-endian length that follow the tag
  std::size_t fixed = 0;          ///< bytes that follow in any case, after the length
  std::size_t per_length = 0;     ///< bytes of content for each unit of length: 1 for texts, 0 for containers
  std::uint64_t children = 0;     ///< values of a fix-sized container
  std::uint64_t per_element = 0;  ///< values for each unit of length: 1 for arrays, 2 for maps
};

Token classify(std::uint8_t tag) noexcept {
  if (tag <= 0x7F || tag >= 0xE0) return {};
  if (tag <= 0x8F) return {.children = std::uint64_t{tag & 0x0FU} * 2};
  if (tag <= 0x9F) return {.children = tag & 0x0FU};
  if (tag <= 0xBF) return {.fixed = tag & 0x1FU};
  switch (tag) {
    case 0xC0:
    case 0xC2:
    case 0xC3:
      return {};
    case 0xC4:
    case 0xC5:
    case 0xC6:
      return {.length_bytes = std::size_t{1} << (tag - 0xC4U), .per_length = 1};
    case 0xC7:
    case 0xC8:
    case 0xC9:
      return {.length_bytes = std::size_t{1} << (tag - 0xC7U), .fixed = 1, .per_length = 1};
    case 0xCA:
      return {.fixed = 4};
    case 0xCB:
      return {.fixed = 8};
    case 0xCC:
    case 0xCD:
    case 0xCE:
    case 0xCF:
      return {.fixed = std::size_t{1} << (tag - 0xCCU)};
    case 0xD0:
    case 0xD1:
    case 0xD2:
    case 0xD3:
      return {.fixed = std::size_t{1} << (tag - 0xD0U)};
    case 0xD4:
    case 0xD5:
    case 0xD6:
    case 0xD7:
    case 0xD8:
      return {.fixed = 1 + (std::size_t{1} << (tag - 0xD4U))};
    case 0xD9:
    case 0xDA:
    case 0xDB:
      return {.length_bytes = std::size_t{1} << (tag - 0xD9U), .per_length = 1};
    case 0xDC:
    case 0xDD:
      return {.length_bytes = tag == 0xDC ? 2U : 4U, .per_element = 1};
    case 0xDE:
    case 0xDF:
      return {.length_bytes = tag == 0xDE ? 2U : 4U, .per_element = 2};
    default:
      return {.valid = false};  // 0xC1, which the specification never uses
  }
}

}  // namespace

std::optional<std::size_t> value_size(std::span<const std::byte> input, std::size_t max_depth) noexcept {
  std::array<std::uint64_t, limits::max_msgpack_depth + 1> open;  // values still to come, by level
  max_depth = std::min(max_depth, limits::max_msgpack_depth);
  open[0] = 1;
  std::size_t depth = 0;
  std::size_t at = 0;
  for (;;) {
    while (open[depth] == 0) {
      if (depth == 0) return at;
      --depth;
    }
    --open[depth];
    if (at == input.size()) return std::nullopt;
    const Token token = classify(std::to_integer<std::uint8_t>(input[at++]));
    if (!token.valid || input.size() - at < token.length_bytes) return std::nullopt;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < token.length_bytes; ++i)
      length = length << 8U | std::to_integer<std::uint64_t>(input[at++]);
    const std::uint64_t content = token.fixed + length * token.per_length;
    if (input.size() - at < content) return std::nullopt;
    at += content;
    const std::uint64_t children = token.children + length * token.per_element;
    // Each value takes a byte at least: a container that claims more than there are is not believed.
    if (children > input.size() - at) return std::nullopt;
    if (children != 0 || token.per_element != 0) {
      if (depth == max_depth) return std::nullopt;
      open[++depth] = children;
    }
  }
}

}  // namespace busrt::msgpack
