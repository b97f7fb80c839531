// The part of the loop that is the same on every system: mail, ticks, stalls. How it sleeps is the poller's.
#include "transport/event_loop.hpp"

#include <algorithm>
#include <thread>

#include "transport/poller.hpp"

namespace busrt::transport {

using std::chrono::steady_clock;

EventLoop::EventLoop(std::chrono::milliseconds tick_interval)
    : tick_interval_(tick_interval),
      poller_(make_poller()),
      now_(steady_clock::now()),
      next_tick_(now_ + tick_interval) {}

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

namespace {

/// Nothing that is done for one connection may end the loop of all.
template <class Step>
void go_on_after(LoopOwner& owner, Step&& step) {
  try {
    step();
  } catch (const std::exception& what) {
    owner.fault(what);
  }
}

}  // namespace

bool EventLoop::run_mail(LoopOwner& owner) {
  if (!has_mail_.load(std::memory_order_acquire)) return false;
  {
    const std::lock_guard lock(mutex_);
    std::swap(mail_, running_);
    has_mail_.store(false, std::memory_order_relaxed);
  }
  for (Task& task : running_) go_on_after(owner, task);
  running_.clear();
  return true;
}

bool EventLoop::poll() {
  poller_->wait(std::chrono::milliseconds(0));
  now_ = steady_clock::now();
  return poller_->found_any() || has_mail_.load(std::memory_order_acquire);
}

bool EventLoop::yield_and_poll() {
  std::this_thread::yield();
  return poll();
}

bool EventLoop::spin_for_output(LoopOwner& owner) {
  const auto before = now_;
  const bool came = yield_and_poll();
  owner.spin_ended(came, now_ - before);
  return came;
}

bool EventLoop::spin() {
  const auto before = now_;
  bool came = false;
  do {
    came = yield_and_poll();
  } while (!came && now_ - before < spin_time && !stopping_.load(std::memory_order_relaxed));
  spin_.record(came, now_ - before);
  return came;
}

void EventLoop::sleep_until_tick() {
  asleep_.store(true, std::memory_order_seq_cst);
  std::chrono::milliseconds timeout{0};
  if (!has_mail_.load(std::memory_order_seq_cst) && !stopping_.load(std::memory_order_seq_cst)) {
    // Rounded up, or the loop would spin through the last millisecond before a tick.
    timeout = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(next_tick_ - now_, steady_clock::duration::zero()));
  }
  poller_->wait(timeout);
  asleep_.store(false, std::memory_order_seq_cst);
  now_ = steady_clock::now();
  found_work_ = poller_->found_any();
}

void EventLoop::wait_for_events(LoopOwner& owner) {
  if (owner.has_deferred_output()) {
    found_work_ |= spin_for_output(owner);
  } else if (!found_work_ || !spin_.should_spin() || !spin()) {
    sleep_until_tick();
  }
  go_on_after(owner, [this] { poller_->dispatch(); });
}

bool EventLoop::run_batch(LoopOwner& owner) {
  const auto batch_start = now_;
  const bool had_mail = run_mail(owner);
  go_on_after(owner, [&owner] { owner.end_of_batch(); });
  now_ = steady_clock::now();
  if (now_ - batch_start > stall_threshold) {
    stalls_.store(stalls_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  if (now_ < next_tick_) return had_mail;
  go_on_after(owner, [this, &owner] { owner.tick(now_); });
  go_on_after(owner, [&owner] { owner.end_of_batch(); });
  next_tick_ = now_ + tick_interval_;
  return true;
}

void EventLoop::run(LoopOwner& owner) {
  now_ = steady_clock::now();
  next_tick_ = now_ + tick_interval_;
  while (!stopping_.load(std::memory_order_relaxed)) {
    wait_for_events(owner);
    run_batch(owner);
  }
  // Mail posted before stop() still runs, so that whoever waits for its effect is answered.
  run_mail(owner);
  go_on_after(owner, [&owner] { owner.end_of_batch(); });
}

bool EventLoop::turn(LoopOwner& owner) {
  const bool deferred = owner.has_deferred_output();
  const bool came = poll();
  if (deferred) owner.spin_ended(came, {});
  go_on_after(owner, [this] { poller_->dispatch(); });
  const bool worked = run_batch(owner);
  return worked || came || deferred;
}

}  // namespace busrt::transport
