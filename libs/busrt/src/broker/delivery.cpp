#include "broker/delivery.hpp"

#include <cstring>
#include <utility>

#include "broker/session.hpp"
#include "broker/shard.hpp"
#include "wire/codec.hpp"

namespace busrt::broker {

namespace {

void write_frame(std::byte* at, const OutgoingFrame& frame) {
  at = wire::write_delivery_prefix(at, frame.kind, frame.realtime, frame.sender, frame.topic,
                                   frame.payload.size());
  if (!frame.payload.empty()) std::memcpy(at, frame.payload.data(), frame.payload.size());
}

/// In the budget once, for as long as any queue holds it.
SharedFrame make_shared_frame(MemoryBudget& budget, std::size_t size) {
  auto* const memory = new std::byte[size];
  budget.add(size);
  std::shared_ptr<std::byte[]> bytes(memory, [&budget, size](std::byte* old) {
    delete[] old;
    budget.subtract(size);
  });
  return {std::move(bytes), size};
}

}  // namespace

Delivery::Delivery(Core& core, Shard& shard) : core_(core), shard_(shard), forwards_(core.config.shards) {}

bool Delivery::has_room(const Endpoint& receiver, std::size_t frame_bytes) const noexcept {
  const std::uint64_t queued = receiver.depth.bytes();
  // An empty queue takes any frame, so that one larger than the whole limit is not stuck for ever.
  return receiver.depth.frames() < core_.config.queue_frames &&
         (queued == 0 || queued + frame_bytes <= core_.config.queue_bytes);
}

bool Delivery::make_room(Endpoint& receiver, std::size_t frame_bytes) {
  if (has_room(receiver, frame_bytes)) return true;
  if (receiver.shard != shard_.index() || receiver.session == nullptr) return false;
  receiver.session->flush();
  return has_room(receiver, frame_bytes);
}

void Delivery::refuse(Endpoint& receiver, FullPolicy policy, LossCause cause) {
  if (receiver.shard == shard_.index()) {
    receiver.traffic.lost[static_cast<std::size_t>(cause)].add(1);
    if (policy == FullPolicy::disconnect && receiver.session != nullptr) {
      receiver.session->close(CloseReason::slow_consumer);
    }
    return;
  }
  // The numbers and the session belong to the other shard.
  shard_.post_to(receiver.shard, receiver.shared_from_this(), [policy, cause](Endpoint& endpoint) {
    endpoint.traffic.lost[static_cast<std::size_t>(cause)].add(1);
    if (policy == FullPolicy::disconnect && endpoint.session != nullptr) {
      endpoint.session->close(CloseReason::slow_consumer);
    }
  });
}

void Delivery::put(Endpoint& receiver, const EndpointRef& reference, const OutgoingFrame& frame,
                   std::size_t size, const SharedFrame& shared) {
  if (receiver.shard == shard_.index()) {
    Session& session = *receiver.session;
    if (shared.bytes) {
      session.queue_shared(shared);
    } else {
      write_frame(session.queue_frame(size), frame);
    }
    return;
  }
  ForwardBatch& batch = forwards_[receiver.shard];
  if (batch.entries.empty() || batch.entries.back().receiver != &receiver)
    batch.keep_alive.push_back(reference);
  if (!shared.bytes) {
    write_frame(batch.frames.prepare(size), frame);
  }
  batch.entries.push_back({&receiver, size, shared});
  // Nothing fails from here on.
  if (!shared.bytes) batch.frames.commit(size);
  receiver.depth.remote_frames.fetch_add(1, std::memory_order_relaxed);
  receiver.depth.remote_bytes.fetch_add(size, std::memory_order_relaxed);
}

DeliveryResult Delivery::deliver(const Route& route, const OutgoingFrame& frame, FullPolicy policy,
                                 LossCause cause, std::string_view only) {
  shard_.relieve_memory();
  DeliveryResult result;
  const std::size_t size =
      wire::delivery_prefix_bytes(frame.kind, frame.sender, frame.topic) + frame.payload.size();
  result.frame_bytes = size;
  const auto concerns = [only](const Endpoint& receiver) {
    return only.empty() || receiver.primary() == only;
  };

  const bool share = size >= limits::share_body_bytes && route.receivers.size() > 1;
  const std::size_t copies = share ? 1 : route.receivers.size();
  shard_.turn().spend(route.receivers.size() + copies * size / limits::copied_bytes_per_step);

  if (policy == FullPolicy::hold) {
    for (const EndpointRef& receiver : route.receivers) {
      if (!concerns(*receiver) || receiver->closed.load(std::memory_order_acquire)) continue;
      if (!make_room(*receiver, size)) {
        result.blocker = receiver;
        return result;
      }
    }
  }

  SharedFrame shared;
  if (share) {
    shared = make_shared_frame(core_.memory, size);
    write_frame(const_cast<std::byte*>(shared.bytes.get()), frame);
  }
  for (const EndpointRef& receiver : route.receivers) {
    // A receiver that is closing in this very batch: the registry no longer knows it, so this is as if it had
    // left before.
    if (!concerns(*receiver) || receiver->closed.load(std::memory_order_acquire)) continue;
    if (policy == FullPolicy::hold || make_room(*receiver, size)) {
      put(*receiver, receiver, frame, size, shared);
      ++result.accepted;
    } else {
      refuse(*receiver, policy, cause);
      ++result.refused;
    }
  }
  return result;
}

void Delivery::send_forwards() {
  for (std::size_t target = 0; target < forwards_.size(); ++target) {
    ForwardBatch& batch = forwards_[target];
    if (batch.entries.empty()) continue;
    shard_.forward(target, std::exchange(batch, {}));
  }
}

void Delivery::receive(ForwardBatch batch) {
  std::span<const std::byte> rest = batch.frames.data();
  for (std::size_t i = 0; i < batch.entries.size();) {
    // A run of frames for one receiver is copied in one piece.
    Endpoint& receiver = *batch.entries[i].receiver;
    std::size_t frames = 0;
    std::size_t bytes = 0;
    std::size_t copied = 0;
    const bool gone = receiver.session == nullptr || receiver.closed.load(std::memory_order_relaxed);
    for (; i < batch.entries.size() && batch.entries[i].receiver == &receiver; ++i) {
      const auto& entry = batch.entries[i];
      // A chunk holds only so much, and a shared frame ends the run of copied ones.
      const bool fits = copied + entry.bytes <= ChunkPool::chunk_bytes || copied == 0;
      if (frames != 0 && (entry.shared.bytes || !fits)) break;
      ++frames;
      bytes += entry.bytes;
      if (entry.shared.bytes) {
        if (!gone) receiver.session->queue_shared(entry.shared);
        ++i;
        break;
      }
      copied += entry.bytes;
    }
    if (copied != 0) {
      if (!gone) receiver.session->queue_frames(rest.first(copied), frames);
      rest = rest.subspan(copied);
    }
    if (gone) core_.counters.lost_after_close.fetch_add(frames, std::memory_order_relaxed);
    receiver.depth.remote_frames.fetch_sub(frames, std::memory_order_relaxed);
    receiver.depth.remote_bytes.fetch_sub(bytes, std::memory_order_relaxed);
  }
}

}  // namespace busrt::broker
