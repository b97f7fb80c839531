// The event loop under the broker: readiness of descriptors, a mailbox from other threads, a coarse tick.
//
// Why not Asio here: a broker's wake is epoll_wait, read, write; Asio adds a speculative read and its queues
// to each hop, about 1 us, and needs a buffer per pending read where a loop that knows its sessions shares
// one (docs/adr/0001).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "busrt/error.hpp"
#include "transport/adaptive_spin.hpp"

namespace busrt::transport {

class Poller;

/// What a descriptor is watched for. Hang-ups are always reported.
struct Interest {
  bool read = false;
  bool write = false;
  friend bool operator==(Interest, Interest) = default;
};

/// Told on the loop's thread that its descriptor is ready.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(bool readable, bool writable, bool hung_up) = 0;
};

/// What the owner of a loop does between batches of readiness.
class LoopOwner {
 public:
  virtual ~LoopOwner() = default;
  /// After each batch of readiness and mail, before the loop may sleep.
  virtual void end_of_batch() = 0;
  /// Called before the loop sleeps. True if output was deferred, to leave together with later output. The
  /// loop then yields its processor once, polls for events without sleeping, and runs a batch. At the end of
  /// that batch the deferred output must leave.
  [[nodiscard]] virtual bool has_deferred_output() = 0;
  /// The result: whether there were events, and how long the loop waited for them.
  virtual void spin_ended(bool found_events, std::chrono::steady_clock::duration taken) = 0;
  /// Every tick interval, as near as the batches allow.
  virtual void tick(std::chrono::steady_clock::time_point now) = 0;
  /// A watcher, a task or one of the functions above threw, usually for lack of memory. The loop continues.
  /// It reports again what is still ready.
  virtual void fault(const std::exception& what) noexcept = 0;
};

/// One thread runs it; post(), stop() and stalls() may be called from any other. All else belongs to the
/// running thread (or to the thread that sets it up before run()).
class EventLoop {
 public:
  using Task = std::move_only_function<void()>;

  explicit EventLoop(std::chrono::milliseconds tick_interval);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  /// Descriptors stay the caller's; unwatch before closing. A watcher unwatched within a batch gets no more
  /// of that batch. Only where the system has descriptors to watch: defined in linux/, not in windows/, whose
  /// streams use poller().
  [[nodiscard]] Result<> watch(int descriptor, Watcher& watcher, Interest interest);
  void change(int descriptor, Watcher& watcher, Interest interest);
  void unwatch(int descriptor, Watcher& watcher);

  /// The system's own way of waiting, for streams and listeners of the same system's folder.
  [[nodiscard]] Poller& poller() noexcept { return *poller_; }

  /// Runs `task` on the loop's thread. Tasks of one thread keep their order.
  void post(Task task);

  void run(LoopOwner& owner);
  /// run() returns after the batch under way.
  void stop();
  /// Runs one batch of what is there already, for a program that does not call run(). Never waits. False when
  /// nothing was there and no tick was due.
  bool turn(LoopOwner& owner);

  /// The time at the start of the current batch: good enough for deadlines, and free.
  [[nodiscard]] std::chrono::steady_clock::time_point now() const noexcept { return now_; }
  /// Batches that took longer than stall_threshold.
  [[nodiscard]] std::uint64_t stalls() const noexcept { return stalls_.load(std::memory_order_relaxed); }

  /// A batch this long delays every session of the loop noticeably.
  static constexpr std::chrono::milliseconds stall_threshold{50};

 private:
  bool run_mail(LoopOwner& owner);
  /// The mail, the end of the batch, and the tick if that is due. False when it was neither mail nor tick.
  bool run_batch(LoopOwner& owner);
  void wait_for_events(LoopOwner& owner);
  /// True if there are events or mail. Never waits.
  bool poll();
  /// Yields the processor once, then polls.
  bool yield_and_poll();
  bool spin_for_output(LoopOwner& owner);
  /// Polls for a short time before the loop sleeps: a wake-up costs the sender more than a write.
  bool spin();
  void sleep_until_tick();

  /// The pause between two writes of one busy sender is some microseconds.
  static constexpr std::chrono::microseconds spin_time{20};

  const std::chrono::milliseconds tick_interval_;
  const std::unique_ptr<Poller> poller_;
  std::mutex mutex_;
  std::vector<Task> mail_;     // guarded by mutex_
  std::vector<Task> running_;  // mail being run
  std::atomic<bool> has_mail_{false};
  std::atomic<bool> asleep_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<std::uint64_t> stalls_{0};
  std::chrono::steady_clock::time_point now_;
  std::chrono::steady_clock::time_point next_tick_;
  AdaptiveSpin spin_;        // before sleep
  bool found_work_ = false;  // in the last batch
};

}  // namespace busrt::transport
