// One event loop of the broker with its thread: mail between the loops, what is to be done at the end of a
// batch, and the buffers that all sessions on this loop share. It knows outputs and endpoints, no sessions:
// ShardSessions (shard_sessions.hpp) has these and runs the batch.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "broker/endpoint.hpp"
#include "broker/flush_schedule.hpp"
#include "broker/outbound_queue.hpp"
#include "broker/queue_limits.hpp"
#include "broker/session_end.hpp"
#include "broker/turn.hpp"
#include "busrt/limits.hpp"
#include "transport/event_loop.hpp"

namespace busrt::broker {

class Shard;
/// All shards of one broker, by index. Complete before the first of them starts.
using ShardTable = std::vector<std::unique_ptr<Shard>>;

/// What a shard needs of the broker's settings.
struct ShardSettings {
  std::chrono::milliseconds tick_interval{};
  QueueLimits queue_limits;
};

/// Belongs to the shard's thread, except post(), start() and join().
class Shard {
 public:
  /// `all` outlives the shard.
  Shard(std::size_t index, const ShardTable& all, ShardSettings settings);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  /// Runs the loop on a thread of its own; the owner outlives the thread.
  void start(transport::LoopOwner& owner);
  /// Stops the loop and waits for the thread.
  void join();

  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  [[nodiscard]] transport::EventLoop& loop() noexcept { return loop_; }
  [[nodiscard]] std::chrono::milliseconds tick_interval() const noexcept { return settings_.tick_interval; }
  [[nodiscard]] const QueueLimits& queue_limits() const noexcept { return settings_.queue_limits; }
  [[nodiscard]] ChunkPool& pool() noexcept { return pool_; }
  /// Of the session that is being served.
  [[nodiscard]] Turn& turn() noexcept { return turn_; }
  /// The read buffer that all sessions of the shard share: valid within one on_readable().
  [[nodiscard]] std::span<std::byte> scratch() noexcept { return {scratch_.get(), limits::read_chunk_bytes}; }
  [[nodiscard]] FlushSchedule& flushes() noexcept { return flushes_; }
  [[nodiscard]] ClosingList& closing() noexcept { return closing_; }

  /// Makes room for so many sessions, so that to mark one never needs memory.
  void reserve(std::size_t sessions);

  /// Runs the task on this shard's thread. Thread-safe.
  void post(transport::EventLoop::Task task) { loop_.post(std::move(task)); }
  /// Runs `action` on the thread of the endpoint's shard, at once if that is this one.
  void post_to(const EndpointRef& endpoint, std::function<void(Endpoint&)> action);
  [[nodiscard]] Shard& other(std::size_t index) const noexcept { return *all_[index]; }

  // Output.

  /// Writes what is queued, and lets blocked publishers continue if there is room for them again.
  void flush(SessionOutput& output);
  void flush_marked();
  void flush_overdue();
  /// The end of one read: writes realtime frames.
  void end_of_read() {
    if (flushes_.take_flush_after_read()) flush_marked();
  }

  // Sessions that wait.

  /// Lets the blocked publishers of an output continue.
  void resume_publishers(SessionOutput& output);
  /// Lets a session continue at the end of the batch, wherever it lives. If there is no memory for the mail
  /// to another shard, the session continues at that shard's next tick.
  void resume(EndpointRef endpoint);
  /// Lets a session of this shard continue after the other sessions had their turn.
  void resume_next_turn(const EndpointRef& endpoint);
  [[nodiscard]] bool has_resumable() const noexcept { return !resumable_.empty(); }
  /// Exchanges the list of sessions that continue with an empty one.
  void take_resumable(std::vector<EndpointRef>& empty) noexcept { std::swap(resumable_, empty); }

  /// Closes a session, wherever it lives. If there is no memory for the mail to another shard, the session
  /// closes at that shard's next tick.
  void close(const EndpointRef& endpoint, CloseReason reason) noexcept;
  /// Does what other shards have requested of a session of this shard.
  void take_requests(const EndpointRef& endpoint);

  /// Called at each tick (listeners use it to try again after running out of descriptors).
  void on_tick(std::function<void()> callback) { tick_callbacks_.push_back(std::move(callback)); }
  void run_tick_callbacks() {
    for (const auto& callback : tick_callbacks_) callback();
  }

 private:
  void post_requests(const EndpointRef& endpoint) noexcept;

  const std::size_t index_;
  const ShardTable& all_;
  const ShardSettings settings_;
  transport::EventLoop loop_;
  ChunkPool pool_;
  Turn turn_;
  std::unique_ptr<std::byte[]> scratch_;
  FlushSchedule flushes_;
  ClosingList closing_;
  std::vector<EndpointRef> resumable_;
  std::vector<std::function<void()>> tick_callbacks_;
  std::thread thread_;
};

}  // namespace busrt::broker
