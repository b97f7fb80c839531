#include "broker/forwarder.hpp"

#include <utility>

namespace busrt::broker {

ForwardBatch& Forwarder::batch_for(const EndpointRef& receiver) {
  std::shared_ptr<ForwardBatch>& own = batches_[receiver->shard];
  if (own == nullptr) own = std::make_shared<ForwardBatch>();
  ForwardBatch& batch = *own;
  if (batch.entries.empty() || batch.entries.back().receiver != receiver.get()) {
    batch.keep_alive.push_back(receiver);
  }
  return batch;
}

void Forwarder::post(std::size_t index) {
  Shard& target = shard_.other(index);
  // The mail shares the batch, so that the batch is still here if the mail cannot be posted.
  target.post([&target, &counters = counters_, batch = batches_[index]] {
    receive_forwards(target, counters, *batch);
  });
  batches_[index] = nullptr;
}

namespace {

/// Frames of one batch that go into one receiver's queue in one piece.
struct Run {
  std::size_t frames = 0;
  std::size_t bytes = 0;
  std::size_t copied = 0;               // bytes of ForwardBatch::frames
  const SharedFrame* shared = nullptr;  // or this one
};

/// Takes the frames at `next` that are for one receiver: one shared frame, or as many others as a chunk
/// holds.
Run take_run(const ForwardBatch& batch, std::size_t& next) {
  const Endpoint* const receiver = batch.entries[next].receiver;
  Run run;
  for (; next < batch.entries.size() && batch.entries[next].receiver == receiver; ++next) {
    const auto& entry = batch.entries[next];
    const bool fits = run.copied + entry.bytes <= ChunkPool::chunk_bytes || run.copied == 0;
    if (run.frames != 0 && (entry.shared.bytes || !fits)) break;
    ++run.frames;
    run.bytes += entry.bytes;
    if (entry.shared.bytes) {
      run.shared = &entry.shared;
      ++next;
      break;
    }
    run.copied += entry.bytes;
  }
  return run;
}

/// True if the receiver's queue took the run. A receiver for which there is no memory is closed.
bool append_run(Shard& shard, Endpoint& receiver, const Run& run, std::span<const std::byte> bytes) {
  if (receiver.output == nullptr || receiver.closed.load(std::memory_order_relaxed)) return false;
  SessionOutput& output = *receiver.output;
  bool taken = false;
  output.end().serve([&] {
    if (run.shared != nullptr) {
      output.append(*run.shared);
    } else {
      output.append(bytes.first(run.copied), run.frames);
    }
    taken = true;
  });
  if (taken) shard.flushes().mark(output);
  return taken;
}

}  // namespace

void receive_forwards(Shard& shard, Counters& counters, const ForwardBatch& batch) {
  std::span<const std::byte> rest = batch.frames.data();
  for (std::size_t next = 0; next < batch.entries.size();) {
    Endpoint& receiver = *batch.entries[next].receiver;
    const Run run = take_run(batch, next);
    if (!append_run(shard, receiver, run, rest)) Counters::count(counters.lost_after_close, run.frames);
    rest = rest.subspan(run.copied);
    receiver.depth.remote_frames.fetch_sub(run.frames, std::memory_order_relaxed);
    receiver.depth.remote_bytes.fetch_sub(run.bytes, std::memory_order_relaxed);
  }
}

}  // namespace busrt::broker
