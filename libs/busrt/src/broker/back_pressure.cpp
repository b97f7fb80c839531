#include "broker/back_pressure.hpp"

namespace busrt::broker {

bool BackPressure::make_room_on(Shard& shard, Endpoint& receiver, std::size_t frame_bytes) {
  const auto has_room = [&] { return shard.queue_limits().have_room(receiver.depth, frame_bytes); };
  if (has_room()) return true;
  if (receiver.shard != shard.index() || receiver.output == nullptr) return false;
  shard.flush(*receiver.output);
  return has_room();
}

void BackPressure::wait_for(const EndpointRef& receiver, const EndpointRef& publisher,
                            std::size_t frame_bytes) {
  shard_.post_to(receiver, [this, publisher, frame_bytes](Endpoint& endpoint) {
    Shard& owner = shard_.other(endpoint.shard);
    if (endpoint.output == nullptr || endpoint.output->end().closing() ||
        (endpoint.shard != publisher->shard && make_room_on(owner, endpoint, frame_bytes))) {
      // It has ended or drained while the question was on its way.
      owner.resume(publisher);
      return;
    }
    try {
      endpoint.output->add_publisher(publisher, frame_bytes, owner.loop().now());
    } catch (const std::exception&) {
      // No memory to remember that it waits: it would wait for ever.
      owner.close(publisher, CloseReason::fault);
    }
  });
}

void BackPressure::check_stall(SessionOutput& output, std::chrono::steady_clock::time_point now) {
  if (!output.stall_period_over(now, stall_limit_)) return;
  shard_.flush(output);
  if (output.end().closing()) return;
  if (output.publishers().empty() || output.has_room_for_first(shard_.queue_limits())) {
    shard_.resume_publishers(output);  // slow, but moving
  } else if (!output.kept_up(now)) {
    output.end().close(CloseReason::slow_consumer);
  }
}

}  // namespace busrt::broker
