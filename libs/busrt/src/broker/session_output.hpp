// The sending half of a session: its queue, its stream, and the publishers that wait for room in the queue.
//
// Delivery appends frames and marks the output in the shard's FlushSchedule. The shard writes it at the end
// of the batch. While the stream takes no bytes, frames stay in the queue.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "broker/blocked_publishers.hpp"
#include "broker/endpoint.hpp"
#include "broker/outbound_queue.hpp"
#include "broker/queue_limits.hpp"
#include "broker/session_end.hpp"
#include "broker/stall.hpp"
#include "broker/stream_interest.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. All that is given by reference must outlive it.
class SessionOutput {
 public:
  using Clock = std::chrono::steady_clock;

  SessionOutput(transport::Stream& stream, StreamInterest& interest, SessionEnd& end, ChunkPool& pool,
                MemoryAccount& account, Clock::time_point now) noexcept
      : stream_(stream), interest_(interest), end_(end), queue_(pool, account), last_write_(now) {}

  /// The client that has registered; before, only append_raw() is allowed.
  void attach(Endpoint& endpoint) noexcept { endpoint_ = &endpoint; }

  // Each append counts in the client's traffic and in the depth of its queue. The caller has made sure of
  // room.

  /// Room for one frame of `size` bytes, to be filled at once by the caller.
  [[nodiscard]] std::byte* append(std::size_t size) {
    std::byte* const at = queue_.append(size);
    count(1, size);
    return at;
  }
  /// Bytes that hold `frames` whole frames.
  void append(std::span<const std::byte> bytes, std::size_t frames) {
    queue_.append(bytes, frames);
    count(frames, bytes.size());
  }
  void append(const SharedFrame& frame) {
    queue_.append(frame);
    count(1, frame.size);
  }
  /// Bytes that are no frame: the handshake's answers, nops. Not counted.
  void append_raw(std::span<const std::byte> bytes) { queue_.append_raw(bytes); }

  /// Writes what the stream takes. False if it did not try, or if the stream failed, which closes the
  /// session.
  bool write(Clock::time_point now);
  /// The stream takes bytes again: write() tries.
  void unblock() noexcept { blocked_ = false; }
  /// Asks the stream to report room, if it takes no bytes now.
  void update_interest() { interest_.want_write(blocked_ && !write_ended_); }

  /// Adds a publisher that found no room for a frame of `frame_bytes`. The first one begins a stall period.
  void add_publisher(EndpointRef publisher, std::size_t frame_bytes, Clock::time_point now);
  /// True if publishers wait and there is room for them again.
  [[nodiscard]] bool publishers_may_continue(const QueueLimits& limits) const noexcept {
    return !publishers_.empty() && limits.half_empty(endpoint_->depth) && has_room_for_first(limits);
  }
  /// True if there is room for the frame that has waited longest.
  [[nodiscard]] bool has_room_for_first(const QueueLimits& limits) const noexcept {
    return limits.have_room(endpoint_->depth, publishers_.first_frame_bytes());
  }
  [[nodiscard]] BlockedPublishers& publishers() noexcept { return publishers_; }

  /// True if publishers wait and the stall period has ended.
  [[nodiscard]] bool stall_period_over(Clock::time_point now, Clock::duration limit) const noexcept {
    return !publishers_.empty() && stall_.over(now, limit);
  }
  /// True if the receiver has taken enough in the stall period; then the next one begins.
  [[nodiscard]] bool kept_up(Clock::time_point now) noexcept;
  /// The loop was late by this much, and could not write: the stall period ends later.
  void extend_deadlines(Clock::duration lateness) noexcept { stall_.extend(lateness); }

  [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
  /// True if nothing was written for `interval` and nothing is queued.
  [[nodiscard]] bool idle_for(Clock::duration interval, Clock::time_point now) const noexcept {
    return queue_.empty() && now - last_write_ >= interval;
  }
  /// Empties the queue. Returns the frames that are lost with it, without acks and nops.
  [[nodiscard]] std::size_t abandon() { return queue_.abandon(); }
  [[nodiscard]] SessionEnd& end() noexcept { return end_; }

  // Kept by the shard's FlushSchedule.
  bool dirty = false;     ///< in the list of outputs to write
  bool deferred = false;  ///< in a list of outputs whose acks may wait

 private:
  void count(std::size_t frames, std::size_t bytes) noexcept {
    endpoint_->depth.local_frames.add(frames);
    endpoint_->depth.local_bytes.add(bytes);
    endpoint_->traffic.frames_out.add(frames);
    endpoint_->traffic.bytes_out.add(bytes);
  }

  transport::Stream& stream_;
  StreamInterest& interest_;
  SessionEnd& end_;
  OutboundQueue queue_;
  Endpoint* endpoint_ = nullptr;
  BlockedPublishers publishers_;
  StallPeriod stall_;  // while publishers wait
  Clock::time_point last_write_;
  std::uint64_t taken_ = 0;   // bytes that the stream took
  bool blocked_ = false;      // the stream takes no bytes now
  bool write_ended_ = false;  // the peer takes no more bytes at all
};

}  // namespace busrt::broker
