#include "transport/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace busrt::transport {

namespace {

using std::chrono::steady_clock;

/// Descriptors handled per batch: enough to amortise the wait, few enough that the first is not kept waiting.
constexpr int max_events = 128;

std::uint32_t event_mask(Interest interest) noexcept {
  return (interest.read ? static_cast<std::uint32_t>(EPOLLIN) : 0U) |
         (interest.write ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
}

}  // namespace

EventLoop::EventLoop(std::chrono::milliseconds tick_interval)
    : tick_interval_(tick_interval), now_(steady_clock::now()) {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = nullptr;
  if (epoll_ < 0 || wake_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) != 0) {
    const int error = errno;
    if (epoll_ >= 0) ::close(epoll_);
    if (wake_ >= 0) ::close(wake_);
    throw std::system_error(error, std::generic_category(), "cannot create an event loop");
  }
}

EventLoop::~EventLoop() {
  ::close(epoll_);
  ::close(wake_);
}

Result<> EventLoop::watch(int descriptor, Watcher& watcher, Interest interest) {
  epoll_event event{};
  event.events = event_mask(interest);
  event.data.ptr = &watcher;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return base::fail_errno(errno, "cannot watch a descriptor");
  }
  std::erase(gone_, &watcher);
  return {};
}

void EventLoop::change(int descriptor, Watcher& watcher, Interest interest) {
  epoll_event event{};
  event.events = event_mask(interest);
  event.data.ptr = &watcher;
  ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void EventLoop::unwatch(int descriptor, Watcher& watcher) {
  ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
  if (in_batch_) gone_.push_back(&watcher);
}

void EventLoop::post(Task task) {
  {
    const std::lock_guard lock(mutex_);
    mail_.push_back(std::move(task));
    has_mail_.store(true, std::memory_order_seq_cst);
  }
  if (asleep_.exchange(false, std::memory_order_seq_cst)) wake();
}

void EventLoop::wake() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, and then the loop wakes anyway.
  [[maybe_unused]] const auto written = ::write(wake_, &one, sizeof one);
}

void EventLoop::stop() {
  stopping_.store(true, std::memory_order_seq_cst);
  wake();
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

int EventLoop::wait_for_events(steady_clock::time_point next_tick) {
  static thread_local std::array<epoll_event, max_events> events;
  asleep_.store(true, std::memory_order_seq_cst);
  int timeout_ms = 0;
  if (!has_mail_.load(std::memory_order_seq_cst) && !stopping_.load(std::memory_order_seq_cst)) {
    // Rounded up, or the loop would spin through the last millisecond before a tick.
    timeout_ms = static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(
                                      std::max(next_tick - now_, steady_clock::duration::zero()))
                                      .count());
  }
  const int count = ::epoll_wait(epoll_, events.data(), max_events, timeout_ms);
  asleep_.store(false, std::memory_order_seq_cst);
  now_ = steady_clock::now();
  in_batch_ = true;
  for (int i = 0; i < count; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    if (event.data.ptr == nullptr) {
      std::uint64_t value = 0;
      [[maybe_unused]] const auto got = ::read(wake_, &value, sizeof value);
      continue;
    }
    auto* watcher = static_cast<Watcher*>(event.data.ptr);
    if (!gone_.empty() && std::find(gone_.begin(), gone_.end(), watcher) != gone_.end()) continue;
    const bool hung_up = (event.events & (EPOLLHUP | EPOLLERR)) != 0;
    watcher->on_ready((event.events & EPOLLIN) != 0, (event.events & EPOLLOUT) != 0, hung_up);
  }
  in_batch_ = false;
  gone_.clear();
  return count;
}

void EventLoop::run(LoopOwner& owner) {
  now_ = steady_clock::now();
  auto next_tick = now_ + tick_interval_;
  while (!stopping_.load(std::memory_order_relaxed)) {
    wait_for_events(next_tick);
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
