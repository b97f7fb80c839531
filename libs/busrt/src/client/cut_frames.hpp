// Counts the frames without ack that are lost when a connection is cut before its bytes are written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "busrt/protocol.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

struct CutFrames {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;  ///< with headers; a frame of which a part was written counts whole
};

/// Counts the frames in `bytes`, which are whole requests; the first `written` bytes of them were written.
/// Requests with ack do not count, because each completes with an error of its own. A ping is no loss.
[[nodiscard]] inline CutFrames count_cut_frames(std::span<const std::byte> bytes, std::size_t written) {
  CutFrames cut;
  std::size_t at = 0;
  while (bytes.size() - at >= wire::request_header_bytes) {
    const auto flags = std::to_integer<std::uint8_t>(bytes[at + 4]);
    const std::size_t size = wire::request_header_bytes + wire::load_u32(bytes.data() + at + 5);
    if (bytes.size() - at < size) break;
    at += size;
    if (flags == 0 || at <= written || wants_ack(static_cast<QoS>(flags >> 6U))) continue;
    ++cut.frames;
    cut.bytes += size;
  }
  return cut;
}

}  // namespace busrt::detail
