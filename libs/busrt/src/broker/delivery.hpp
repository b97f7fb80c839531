// Fan-out: one frame to its receivers' queues, all or none while a receiver has no room.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "broker/back_pressure.hpp"
#include "broker/evictor.hpp"
#include "broker/forwarder.hpp"
#include "broker/memory.hpp"
#include "broker/route_cache.hpp"
#include "broker/shard.hpp"
#include "busrt/frame.hpp"

namespace busrt::broker {

/// A frame on its way, still in pieces. Views into the read buffer.
struct OutgoingFrame {
  FrameKind kind = FrameKind::publish;
  std::string_view sender;
  std::string_view topic;
  std::span<const std::byte> payload;
  bool realtime = false;
};

/// What to do about a receiver without room: block the publisher, drop the frame for this receiver, or
/// disconnect the receiver.
enum class FullPolicy : std::uint8_t { block, drop, disconnect };

struct DeliveryResult {
  std::size_t accepted = 0;     ///< queues that took the frame
  std::size_t refused = 0;      ///< queues that did not: dropped and counted, or the receiver closed
  EndpointRef blocker;          ///< set: nothing was delivered, the publisher has to wait for this receiver
  std::size_t frame_bytes = 0;  ///< what the frame takes of each queue
};

/// Belongs to one shard's thread. What it is made of must outlive it.
class Delivery {
 public:
  Delivery(Shard& shard, BackPressure& back_pressure, Forwarder& forwarder, Evictor& evictor,
           MemoryBudget& budget) noexcept
      : shard_(shard),
        back_pressure_(back_pressure),
        forwarder_(forwarder),
        evictor_(evictor),
        budget_(budget) {}

  /// Delivers to the receivers of `route`, or only to those whose primary name is `only` if that is not
  /// empty.
  DeliveryResult deliver(const Route& route, const OutgoingFrame& frame, FullPolicy policy, LossCause cause,
                         std::string_view only = {});

 private:
  void put(const EndpointRef& receiver, const OutgoingFrame& frame, std::size_t size,
           const SharedFrame& shared);
  void refuse(const EndpointRef& receiver, FullPolicy policy, LossCause cause);

  Shard& shard_;
  BackPressure& back_pressure_;
  Forwarder& forwarder_;
  Evictor& evictor_;
  MemoryBudget& budget_;
};

}  // namespace busrt::broker
