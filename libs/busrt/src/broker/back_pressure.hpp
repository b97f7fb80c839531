// Room in the queues of receivers, and the publishers that wait for it.
//
// A frame that finds no room in a receiver's queue blocks its publisher (SlowConsumer::wait): the publisher's
// session reads no more. The receiver's output keeps the publisher until the queue is half empty. A receiver
// that takes too few bytes in one stall limit meanwhile is closed (stall.hpp).
#pragma once

#include <chrono>
#include <cstddef>

#include "broker/endpoint.hpp"
#include "broker/shard.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread.
class BackPressure {
 public:
  /// The shard must outlive it.
  BackPressure(Shard& shard, std::chrono::milliseconds stall_limit) noexcept
      : shard_(shard), stall_limit_(stall_limit) {}

  [[nodiscard]] bool has_room(const Endpoint& receiver, std::size_t frame_bytes) const noexcept {
    return shard_.queue_limits().have_room(receiver.depth, frame_bytes);
  }
  /// As has_room(), after an attempt to write out what is queued.
  [[nodiscard]] bool make_room(Endpoint& receiver, std::size_t frame_bytes) {
    return has_room(receiver, frame_bytes) || make_room_on(shard_, receiver, frame_bytes);
  }

  /// The publisher waits for room in the receiver's queue, wherever the receiver lives.
  void wait_for(const EndpointRef& receiver, const EndpointRef& publisher, std::size_t frame_bytes);
  /// Looks at a receiver of this shard whose publishers wait: closes it if it has stalled.
  void check_stall(SessionOutput& output, std::chrono::steady_clock::time_point now);

 private:
  static bool make_room_on(Shard& shard, Endpoint& receiver, std::size_t frame_bytes);

  Shard& shard_;
  const std::chrono::milliseconds stall_limit_;
};

}  // namespace busrt::broker
