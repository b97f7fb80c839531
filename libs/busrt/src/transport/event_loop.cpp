// The part of the loop that is the same on every system: mail, ticks, stalls. How it sleeps is the poller's.
#include "transport/event_loop.hpp"

#include <algorithm>
#include <thread>

#include "transport/poller.hpp"

namespace busrt::transport {

using std::chrono::steady_clock;

EventLoop::EventLoop(std::chrono::milliseconds tick_interval)
    : tick_interval_(tick_interval), poller_(make_poller()), now_(steady_clock::now()) {}

EventLoop::~EventLoop() = default;

void EventLoop::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    mail_.push_back(std::move(task));
    has_mail_.store(true, std::memory_order_seq_cst);
  }
  if (asleep_.exchange(false, std::memory_order_seq_cst)) poller_->wake();
}

void EventLoop::stop() {
  stopping_.store(true, std::memory_order_seq_cst);
  poller_->wake();
}

bool EventLoop::run_mail() {
  if (!has_mail_.load(std::memory_order_acquire)) return false;
  {
    const std::lock_guard lock(mutex_);
    std::swap(mail_, running_);
    has_mail_.store(false, std::memory_order_relaxed);
  }
  for (Task& task : running_) task();
  running_.clear();
  return true;
}

void EventLoop::wait_for_events(steady_clock::time_point next_tick, LoopOwner& owner) {
  const bool give_way = owner.wants_company();
  const auto before = now_;
  if (give_way) std::this_thread::yield();
  asleep_.store(true, std::memory_order_seq_cst);
  std::chrono::milliseconds timeout{0};
  if (!give_way && !has_mail_.load(std::memory_order_seq_cst) && !stopping_.load(std::memory_order_seq_cst)) {
    // Rounded up, or the loop would spin through the last millisecond before a tick.
    timeout = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(next_tick - now_, steady_clock::duration::zero()));
  }
  poller_->wait(timeout);
  asleep_.store(false, std::memory_order_seq_cst);
  now_ = steady_clock::now();
  if (give_way) owner.company_came(poller_->found_any(), now_ - before);
  poller_->dispatch();
}

void EventLoop::run(LoopOwner& owner) {
  now_ = steady_clock::now();
  auto next_tick = now_ + tick_interval_;
  while (!stopping_.load(std::memory_order_relaxed)) {
    wait_for_events(next_tick, owner);
    const auto batch_start = now_;
    run_mail();
    owner.end_of_batch();
    now_ = steady_clock::now();
    if (now_ - batch_start > stall_threshold) {
      stalls_.store(stalls_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    }
    if (now_ >= next_tick) {
      owner.tick(now_);
      owner.end_of_batch();
      next_tick = now_ + tick_interval_;
    }
  }
  // Mail posted before stop() still runs, so that whoever waits for its effect is answered.
  run_mail();
  owner.end_of_batch();
}

}  // namespace busrt::transport
