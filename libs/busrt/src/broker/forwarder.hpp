// Frames for receivers on other shards: gathered over a batch, sent as one piece of mail for each shard.
#pragma once

#include <cstddef>
#include <vector>

#include "broker/counters.hpp"
#include "broker/endpoint.hpp"
#include "broker/outbound_queue.hpp"
#include "broker/shard.hpp"
#include "busrt/base/byte_buffer.hpp"

namespace busrt::broker {

/// Frames for the receivers of one shard.
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
class Forwarder {
 public:
  /// `shards` is their number. The others must outlive it.
  Forwarder(Shard& shard, Counters& counters, std::size_t shards)
      : shard_(shard), counters_(counters), batches_(shards) {}

  /// Adds a frame of `size` bytes, which `write` writes to the place that it is given. Takes the frame's
  /// place in the receiver's queue. Changes nothing if it throws.
  template <class Write>
  void add(const EndpointRef& receiver, std::size_t size, Write write) {
    ForwardBatch& batch = batch_for(receiver);
    write(batch.frames.prepare(size));
    batch.entries.push_back({receiver.get(), size, {}});
    batch.frames.commit(size);
    reserve_place(*receiver, size);
  }
  void add(const EndpointRef& receiver, const SharedFrame& frame) {
    batch_for(receiver).entries.push_back({receiver.get(), frame.size, frame});
    reserve_place(*receiver, frame.size);
  }
  /// Posts what was gathered.
  void send();

 private:
  ForwardBatch& batch_for(const EndpointRef& receiver);
  static void reserve_place(Endpoint& receiver, std::size_t bytes) noexcept {
    receiver.depth.remote_frames.fetch_add(1, std::memory_order_relaxed);
    receiver.depth.remote_bytes.fetch_add(bytes, std::memory_order_relaxed);
  }

  Shard& shard_;
  Counters& counters_;
  std::vector<ForwardBatch> batches_;  // by shard
};

/// Appends another shard's batch to the queues of its receivers, on their shard's thread.
void receive_forwards(Shard& shard, Counters& counters, const ForwardBatch& batch);

}  // namespace busrt::broker
