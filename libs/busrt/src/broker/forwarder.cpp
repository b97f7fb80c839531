#include "broker/forwarder.hpp"

#include <utility>

namespace busrt::broker {

ForwardBatch& Forwarder::batch_for(const EndpointRef& receiver) {
  ForwardBatch& batch = batches_[receiver->shard];
  if (batch.entries.empty() || batch.entries.back().receiver != receiver.get()) {
    batch.keep_alive.push_back(receiver);
  }
  return batch;
}

void Forwarder::send() {
  for (std::size_t index = 0; index < batches_.size(); ++index) {
    ForwardBatch& batch = batches_[index];
    if (batch.entries.empty()) continue;
    Shard& target = shard_.other(index);
    target.post([&target, &counters = counters_, taken = std::exchange(batch, {})] {
      receive_forwards(target, counters, taken);
    });
  }
}

void receive_forwards(Shard& shard, Counters& counters, const ForwardBatch& batch) {
  std::span<const std::byte> rest = batch.frames.data();
  for (std::size_t i = 0; i < batch.entries.size();) {
    // A run of frames for one receiver is copied in one piece.
    Endpoint& receiver = *batch.entries[i].receiver;
    std::size_t frames = 0;
    std::size_t bytes = 0;
    std::size_t copied = 0;
    const bool gone = receiver.output == nullptr || receiver.closed.load(std::memory_order_relaxed);
    for (; i < batch.entries.size() && batch.entries[i].receiver == &receiver; ++i) {
      const auto& entry = batch.entries[i];
      // A chunk holds only so much, and a shared frame ends the run of copied ones.
      const bool fits = copied + entry.bytes <= ChunkPool::chunk_bytes || copied == 0;
      if (frames != 0 && (entry.shared.bytes || !fits)) break;
      ++frames;
      bytes += entry.bytes;
      if (entry.shared.bytes) {
        if (!gone) receiver.output->append(entry.shared);
        ++i;
        break;
      }
      copied += entry.bytes;
    }
    if (copied != 0) {
      if (!gone) receiver.output->append(rest.first(copied), frames);
      rest = rest.subspan(copied);
    }
    if (!gone) shard.flushes().mark(*receiver.output);
    if (gone) counters.lost_after_close.fetch_add(frames, std::memory_order_relaxed);
    receiver.depth.remote_frames.fetch_sub(frames, std::memory_order_relaxed);
    receiver.depth.remote_bytes.fetch_sub(bytes, std::memory_order_relaxed);
  }
}

}  // namespace busrt::broker
