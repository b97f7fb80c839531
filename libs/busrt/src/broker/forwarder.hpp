// Frames for receivers on other shards: gathered over a batch, sent as one piece of mail for each shard.
//
// A frame has its place in the receiver's queue from the moment when it is gathered, and the sender may have
// its ack. So no lack of memory may lose it: a batch for whose mail there is no memory stays, and leaves with
// the next one. On the other shard, a receiver for whose queue there is no memory is closed
// (CloseReason::fault), and its frames are counted.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>
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
  /// Posts what was gathered. Calls `fault` with what throws; that batch stays for the next call.
  template <class Fault>
  void send(Fault fault) {
    for (std::size_t index = 0; index < batches_.size(); ++index) {
      if (batches_[index] == nullptr || batches_[index]->entries.empty()) continue;
      try {
        post(index);
      } catch (const std::exception& what) {
        fault(what);
      }
    }
  }

 private:
  ForwardBatch& batch_for(const EndpointRef& receiver);
  void post(std::size_t index);
  static void reserve_place(Endpoint& receiver, std::size_t bytes) noexcept {
    receiver.depth.remote_frames.fetch_add(1, std::memory_order_relaxed);
    receiver.depth.remote_bytes.fetch_add(bytes, std::memory_order_relaxed);
  }

  Shard& shard_;
  Counters& counters_;
  std::vector<std::shared_ptr<ForwardBatch>> batches_;  // by shard; null: nothing was gathered
};

/// Appends another shard's batch to the queues of its receivers, on their shard's thread.
void receive_forwards(Shard& shard, Counters& counters, const ForwardBatch& batch);

}  // namespace busrt::broker
