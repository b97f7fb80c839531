// Fan-out: one frame to its receivers' queues, all or none while a receiver has no room.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "broker/core.hpp"
#include "broker/outbound_queue.hpp"
#include "broker/route_cache.hpp"
#include "busrt/base/byte_buffer.hpp"

namespace busrt::broker {

class Session;

/// A frame on its way, still in pieces. Views into the read buffer.
struct OutgoingFrame {
  FrameKind kind = FrameKind::publish;
  std::string_view sender;
  std::string_view topic;
  std::span<const std::byte> payload;
  bool realtime = false;
};

/// What to do about a receiver without room.
enum class FullPolicy : std::uint8_t { hold, drop, disconnect };

struct DeliveryResult {
  std::size_t accepted = 0;     ///< queues that took the frame
  std::size_t refused = 0;      ///< queues that did not: dropped and counted, or the receiver closed
  EndpointRef blocker;          ///< set: nothing was delivered, the publisher has to wait for this receiver
  std::size_t frame_bytes = 0;  ///< what the frame takes of each queue
};

/// Frames for sessions of another shard, gathered over a batch and sent in one piece of mail.
struct ForwardBatch {
  struct Entry {
    Endpoint* receiver;
    std::size_t bytes;
    SharedFrame shared;  // or the next `bytes` of `frames`
  };
  base::ByteBuffer frames;
  std::vector<Entry> entries;
  std::vector<EndpointRef> keep_alive;
};

/// Belongs to one shard's thread.
class Delivery {
 public:
  Delivery(Core& core, Shard& shard);

  /// Delivers to the receivers of `route`, or only to those whose primary name is `only` where that is not
  /// empty.
  DeliveryResult deliver(const Route& route, const OutgoingFrame& frame, FullPolicy policy, LossCause cause,
                         std::string_view only = {});
  /// Posts what was gathered for other shards.
  void send_forwards();
  /// Another shard's batch, on this shard's thread.
  void receive(ForwardBatch batch);

  [[nodiscard]] bool has_room(const Endpoint& receiver, std::size_t frame_bytes) const noexcept;
  /// As has_room, after an attempt to write out what is queued.
  [[nodiscard]] bool make_room(Endpoint& receiver, std::size_t frame_bytes);

 private:
  void put(Endpoint& receiver, const EndpointRef& reference, const OutgoingFrame& frame, std::size_t size,
           const SharedFrame& shared);
  void refuse(Endpoint& receiver, FullPolicy policy, LossCause cause);

  Core& core_;
  Shard& shard_;
  std::vector<ForwardBatch> forwards_;  // by shard
};

}  // namespace busrt::broker
