// There is no utf8proc in this build: the blocks of Unicode that are wide, or marks, as a whole.
#include "character_columns.hpp"

#include <algorithm>
#include <array>

namespace busrt::base {

namespace {

struct Block {
  std::uint32_t first, last;
  std::size_t columns;
};

constexpr std::array<Block, 15> blocks{{{0x0300, 0x036F, 0},
                                        {0x1100, 0x115F, 2},
                                        {0x1AB0, 0x1AFF, 0},
                                        {0x1DC0, 0x1DFF, 0},
                                        {0x200B, 0x200D, 0},
                                        {0x20D0, 0x20FF, 0},
                                        {0x2E80, 0xA4CF, 2},
                                        {0xAC00, 0xD7A3, 2},
                                        {0xF900, 0xFAFF, 2},
                                        {0xFE00, 0xFE0F, 0},
                                        {0xFE20, 0xFE2F, 0},
                                        {0xFE30, 0xFE6F, 2},
                                        {0xFF01, 0xFF60, 2},
                                        {0x1F300, 0x1FAFF, 2},
                                        {0x20000, 0x3FFFD, 2}}};

}  // namespace

std::size_t character_columns(std::uint32_t code_point) noexcept {
  const auto* const block = std::ranges::find_if(blocks, [code_point](const Block& each) {
    return code_point >= each.first && code_point <= each.last;
  });
  return block == blocks.end() ? 1 : block->columns;
}

}  // namespace busrt::base
