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
#include "transport/patience.hpp"

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
  /// Asked before the loop sleeps: true where something would rather go out together with the next output
  /// than now. The loop then gives its processor away once, looks for events without sleeping, and runs a
  /// batch, at whose end what waited must go out.
  [[nodiscard]] virtual bool wants_company() = 0;
  /// What came of that: whether there were events, and how long it took to find out.
  virtual void company_came(bool any, std::chrono::steady_clock::duration taken) = 0;
  /// Every tick interval, as near as the batches allow.
  virtual void tick(std::chrono::steady_clock::time_point now) = 0;
  /// A watcher, a task or one of the above threw: no memory, as a rule. The loop goes on; what is still ready
  /// is reported again.
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
  /// One batch of what is there already, for whoever drives the loop by hand instead of run(). Never waits.
  /// False when nothing was there and no tick was due.
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
  /// True where there are events or mail.
  bool look();
  /// The same after giving the processor away once.
  bool look_again();
  bool find_company(LoopOwner& owner);
  /// Looks for a while before the loop sleeps: to be woken costs the sender more than a write.
  bool stay_awake();
  void sleep_until_tick();

  /// The pause between two writes of one busy sender is some microseconds.
  static constexpr std::chrono::microseconds awake_after_work{20};

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
  Patience patience_;        // with staying awake
  bool found_work_ = false;  // in the last batch
};

}  // namespace busrt::transport
