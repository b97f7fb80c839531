// One event loop of the broker with the sessions that live on it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "broker/core.hpp"
#include "broker/delivery.hpp"
#include "broker/outbound_queue.hpp"
#include "broker/route_cache.hpp"
#include "broker/session.hpp"
#include "broker/turn.hpp"
#include "transport/event_loop.hpp"
#include "transport/patience.hpp"

namespace busrt::broker {

/// Everything here runs on the shard's thread but for post_session(), post(), start() and join().
class Shard final : public transport::LoopOwner {
 public:
  Shard(Core& core, std::size_t index);
  ~Shard() override;

  void start();
  /// Stops the loop and waits for the thread.
  void join();

  [[nodiscard]] std::size_t index() const noexcept { return index_; }
  [[nodiscard]] Core& core() noexcept { return core_; }
  [[nodiscard]] transport::EventLoop& loop() noexcept { return loop_; }
  [[nodiscard]] ChunkPool& pool() noexcept { return pool_; }
  [[nodiscard]] RouteCache& routes() noexcept { return routes_; }
  [[nodiscard]] Delivery& delivery() noexcept { return delivery_; }
  /// Of the session that is being served.
  [[nodiscard]] Turn& turn() noexcept { return turn_; }
  /// The read buffer that all sessions of the shard share: valid within one on_readable().
  [[nodiscard]] std::span<std::byte> scratch() noexcept { return {scratch_.get(), limits::read_chunk_bytes}; }

  /// The access rules that this shard's sessions are under; null: none.
  [[nodiscard]] const std::shared_ptr<const AccessRules>& access() const noexcept { return access_.rules; }
  /// Revocations that came while this shard's sessions were there; null: none.
  [[nodiscard]] const std::shared_ptr<const transport::Revocations>& revocations() const noexcept {
    return access_.revocations;
  }
  /// Takes up rules that were set meanwhile, for all sessions. Where there are none this is one comparison.
  void keep_up_with_access() {
    if (core_.access.generation() != access_.generation) take_up_access();
  }

  /// Takes over a new connection. Thread-safe.
  void post_session(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket);
  /// The access rules have changed. Thread-safe; many changes at once are one piece of mail.
  void post_access_change();
  void post(transport::EventLoop::Task task) { loop_.post(std::move(task)); }

  // Bookkeeping of the batch, called by sessions.
  void mark_dirty(Session& session);
  /// As mark_dirty, for an ack: it may wait a moment for other output to the same client.
  void mark_patient(Session& session);
  void mark_closing(Session& session) { closing_.push_back(&session); }
  /// A realtime frame was queued: flush at the end of this read, not of the batch.
  void flush_soon() noexcept { flush_after_read_ = true; }
  void end_of_read() {
    if (std::exchange(flush_after_read_, false)) flush_dirty();
  }

  /// The publisher waits for room in the receiver's queue, wherever the receiver lives.
  void wait_for(const EndpointRef& receiver, const EndpointRef& publisher, std::size_t frame_bytes);
  void resume_anywhere(EndpointRef publisher);
  /// The session has work left and goes on after the others had their turn.
  void resume_next_turn(const EndpointRef& endpoint);
  /// Where the broker holds more than its budget: writes out what can be, then disconnects newcomers, or
  /// whoever holds most.
  void relieve_memory() {
    if (core_.memory.exceeded()) [[unlikely]]
      relieve_now();
  }
  /// Clears away, in turns, what clients left behind in the table.
  void sweep_soon();
  void close_anywhere(const EndpointRef& endpoint, CloseReason reason);
  /// Runs `action` on the endpoint's shard.
  void post_to(std::size_t shard, EndpointRef endpoint, std::function<void(Endpoint&)> action);
  void forward(std::size_t shard, ForwardBatch batch);

  /// Publishes an event of the broker itself, at the end of the batch.
  void announce(std::string_view topic, std::string_view subject, std::string_view client);

  /// Stops reading; `done` is called once when every queue is written out.
  void drain(std::function<void()> done);
  void close_all(CloseReason reason);
  /// Called at each tick (listeners use it to try again after running out of descriptors).
  void on_tick(std::function<void()> callback) { tick_callbacks_.push_back(std::move(callback)); }

  // transport::LoopOwner
  void end_of_batch() override;
  [[nodiscard]] bool wants_company() override;
  void company_came(bool any, std::chrono::steady_clock::duration taken) override;
  void tick(std::chrono::steady_clock::time_point now) override;
  void fault(const std::exception& what) noexcept override;

 private:
  struct Announcement {
    std::string_view topic;
    base::ByteBuffer payload;
  };
  void adopt(std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket);
  void take_up_access();
  void relieve_now();
  void log_evicted(std::size_t connections);
  void flush_dirty();
  void flush_overdue();
  void finish_closing();
  void resume_waiting();
  void deliver_announcements();
  void deliver(const Announcement& announcement);
  void remove(Session& session);
  void reserve_for_one_more();
  void check_drained();

  Core& core_;
  const std::size_t index_;
  transport::EventLoop loop_;
  ChunkPool pool_;
  Turn turn_;
  RouteCache routes_;
  Delivery delivery_;
  AccessStore::Rules access_;
  std::unique_ptr<std::byte[]> scratch_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<Session*> dirty_;
  bool flush_after_read_ = false;
  transport::Patience patience_;
  std::vector<Session*> patient_;  // have acks that may wait until the end of the next batch
  std::vector<Session*> overdue_;  // those whose acks have waited that long
  std::vector<Session*> closing_;
  std::vector<Session*> ending_;  // those of closing_ that are being taken down
  std::vector<EndpointRef> resumable_;
  std::vector<EndpointRef> resuming_;
  std::vector<Announcement> announcements_;
  std::vector<std::function<void()>> tick_callbacks_;
  std::function<void()> drained_;
  std::chrono::steady_clock::time_point last_tick_;
  std::atomic<bool> access_change_posted_{false};
  bool sweep_posted_ = false;
  std::uint64_t relieved_at_ = 0;  // bytes in use when relief was last sought in this batch
  std::thread thread_;
};

}  // namespace busrt::broker
