#include "broker/frame_tally.hpp"

#include <algorithm>

#include "wire/codec.hpp"

namespace busrt::broker {

std::uint64_t FrameTally::walk(std::span<const std::byte> bytes) noexcept {
  static_assert(header_bytes == wire::delivery_header_bytes);
  std::uint64_t ended = 0;
  while (!bytes.empty()) {
    if (skip_ != 0) {
      const std::size_t step = std::min(skip_, bytes.size());
      skip_ -= step;
      bytes = bytes.subspan(step);
      if (skip_ == 0 && in_body_) {
        in_body_ = false;
        ++ended;
      }
      continue;
    }
    const std::size_t step = std::min(header_bytes - header_size_, bytes.size());
    std::ranges::copy(bytes.first(step), header_.begin() + static_cast<std::ptrdiff_t>(header_size_));
    header_size_ += step;
    bytes = bytes.subspan(step);
    if (header_size_ < header_bytes) break;
    header_size_ = 0;
    const auto kind = static_cast<FrameKind>(header_[0]);
    if (kind == FrameKind::ack || kind == FrameKind::nop) continue;
    skip_ = wire::load_u32(header_.data() + 1);
    in_body_ = skip_ != 0;
    if (!in_body_) ++ended;
  }
  return ended;
}

}  // namespace busrt::broker
