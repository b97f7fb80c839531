#include "broker/delivery.hpp"

#include <cstring>
#include <memory>
#include <utility>

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

void Delivery::refuse(const EndpointRef& receiver, FullPolicy policy, LossCause cause) {
  // The numbers and the session may belong to another shard.
  shard_.post_to(receiver, [policy, cause](Endpoint& endpoint) {
    endpoint.traffic.lost[static_cast<std::size_t>(cause)].add(1);
    if (policy == FullPolicy::disconnect && endpoint.output != nullptr) {
      endpoint.output->end().close(CloseReason::slow_consumer);
    }
  });
}

void Delivery::put(const EndpointRef& receiver, const OutgoingFrame& frame, std::size_t size,
                   const SharedFrame& shared) {
  if (receiver->shard == shard_.index()) {
    SessionOutput& output = *receiver->output;
    shard_.flushes().mark(output);
    if (shared.bytes) {
      output.append(shared);
    } else {
      write_frame(output.append(size), frame);
    }
  } else if (shared.bytes) {
    forwarder_.add(receiver, shared);
  } else {
    forwarder_.add(receiver, size, [&frame](std::byte* at) { write_frame(at, frame); });
  }
}

DeliveryResult Delivery::deliver(const Route& route, const OutgoingFrame& frame, FullPolicy policy,
                                 LossCause cause, std::string_view only) {
  evictor_.enforce_budget();
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

  if (policy == FullPolicy::block) {
    for (const EndpointRef& receiver : route.receivers) {
      if (!concerns(*receiver) || receiver->closed.load(std::memory_order_acquire)) continue;
      if (!back_pressure_.make_room(*receiver, size)) {
        result.blocker = receiver;
        return result;
      }
    }
  }

  SharedFrame shared;
  if (share) {
    shared = make_shared_frame(budget_, size);
    write_frame(const_cast<std::byte*>(shared.bytes.get()), frame);
  }
  for (const EndpointRef& receiver : route.receivers) {
    // A receiver that is closing in this very batch: the registry no longer knows it, so this is as if it had
    // left before.
    if (!concerns(*receiver) || receiver->closed.load(std::memory_order_acquire)) continue;
    if (policy == FullPolicy::block || back_pressure_.make_room(*receiver, size)) {
      put(receiver, frame, size, shared);
      ++result.accepted;
    } else {
      refuse(receiver, policy, cause);
      ++result.refused;
    }
  }
  return result;
}

}  // namespace busrt::broker
