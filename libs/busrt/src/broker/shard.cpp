#include "broker/shard.hpp"

#include <new>
#include <string>
#include <utility>

#include "broker/grow.hpp"
#include "busrt/base/named_thread.hpp"

namespace busrt::broker {

Shard::Shard(std::size_t index, const ShardTable& all, ShardSettings settings)
    : index_(index),
      all_(all),
      settings_(settings),
      loop_(settings.tick_interval),
      scratch_(std::make_unique_for_overwrite<std::byte[]>(limits::read_chunk_bytes)) {}

Shard::~Shard() {
  join();
}

void Shard::start(transport::LoopOwner& owner) {
  thread_ =
      base::start_named_thread("busrt-shard-" + std::to_string(index_), [this, &owner] { loop_.run(owner); });
}

void Shard::join() {
  if (!thread_.joinable()) return;
  loop_.stop();
  thread_.join();
}

void Shard::reserve(std::size_t sessions) {
  flushes_.reserve(sessions);
  grow(closing_, sessions);
  grow(resumable_, sessions);
}

void Shard::post_to(const EndpointRef& endpoint, std::function<void(Endpoint&)> action) {
  if (endpoint->shard == index_) return action(*endpoint);
  other(endpoint->shard).post([target = endpoint, run = std::move(action)] { run(*target); });
}

void Shard::flush(SessionOutput& output) {
  output.end().serve([this, &output] {
    if (output.write(loop_.now()) && output.publishers_may_continue(settings_.queue_limits)) {
      resume_publishers(output);
    }
  });
}

void Shard::flush_marked() {
  // Flushing may wake publishers or end sessions, both of which are only noted here; it queues nothing.
  flushes_.flush_marked([this](SessionOutput& output) { flush(output); });
}

void Shard::flush_overdue() {
  flushes_.flush_overdue([this](SessionOutput& output) { flush(output); });
}

void Shard::resume_publishers(SessionOutput& output) {
  output.publishers().release([this](const EndpointRef& publisher) { resume(publisher); });
}

void Shard::resume(EndpointRef endpoint) {
  if (endpoint->shard == index_) {
    resumable_.push_back(std::move(endpoint));
    return;
  }
  endpoint->requests.request_resume();
  post_requests(endpoint);
}

void Shard::post_requests(const EndpointRef& endpoint) noexcept {
  Shard& target = other(endpoint->shard);
  try {
    target.post([&target, endpoint] { target.take_requests(endpoint); });
  } catch (const std::bad_alloc&) {
    // No memory for the mail: the tick of the session's shard finds the request.
  }
}

void Shard::take_requests(const EndpointRef& endpoint) {
  if (endpoint->output == nullptr) return;
  if (const CloseReason reason = endpoint->requests.close_requested(); reason != CloseReason::none) {
    endpoint->output->end().close(reason);
  }
  if (endpoint->requests.take_resume()) resumable_.push_back(endpoint);
}

void Shard::resume_next_turn(const EndpointRef& endpoint) {
  loop_.post([this, endpoint] { resumable_.push_back(endpoint); });
}

void Shard::close(const EndpointRef& endpoint, CloseReason reason) noexcept {
  if (endpoint->shard == index_) {
    if (endpoint->output != nullptr) endpoint->output->end().close(reason);
    return;
  }
  endpoint->requests.request_close(reason);
  post_requests(endpoint);
}

}  // namespace busrt::broker
