// When an outbound queue is full.
#pragma once

#include <cstddef>
#include <cstdint>

#include "broker/endpoint.hpp"

namespace busrt::broker {

/// The bounds of each receiver's queue (BrokerConfig::queue_frames, queue_bytes).
struct QueueLimits {
  std::uint64_t frames = 1;
  std::uint64_t bytes = 0;

  /// True if the queue has room for one more frame of `frame_bytes`. An empty queue takes any frame, so that
  /// a frame larger than the whole limit is not stuck for ever.
  [[nodiscard]] bool have_room(const QueueDepth& depth, std::size_t frame_bytes) const noexcept {
    const std::uint64_t queued = depth.bytes();
    return depth.frames() < frames && (queued == 0 || queued + frame_bytes <= bytes);
  }
  /// True if the queue is so empty that blocked publishers continue.
  [[nodiscard]] bool half_empty(const QueueDepth& depth) const noexcept {
    return depth.frames() <= frames / 2 && depth.bytes() <= bytes / 2;
  }
};

}  // namespace busrt::broker
