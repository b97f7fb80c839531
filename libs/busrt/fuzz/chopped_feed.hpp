// Feeding a handshake: at once, and chopped into pieces that end where their memory ends.
#pragma once

#include <algorithm>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "fuzz_check.hpp"

namespace busrt::fuzz {

/// Feeds `input` in pieces of `step` bytes (at least 1) until the machine leaves bytes. Returns the bytes it
/// took.
template <class Machine>
std::size_t chopped_feed(Machine& machine, std::span<const std::byte> input, std::size_t step,
                         busrt::base::ByteBuffer& out) {
  std::size_t used = 0;
  while (used < input.size()) {
    const auto piece = input.subspan(used, std::min(step, input.size() - used));
    const std::vector<std::byte> copy(piece.begin(), piece.end());
    const std::size_t took = machine.feed(copy, out);
    check(took <= copy.size(), "a handshake takes no more than it was given");
    used += took;
    if (took < copy.size()) break;
  }
  return used;
}

}  // namespace busrt::fuzz
