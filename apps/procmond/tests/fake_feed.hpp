// A kernel feed in a test's hands.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "kernel_feed.hpp"

namespace procmond {

/// The test's end, which outlives the feed. Thread-safe.
class FakeFeedState {
 public:
  void push(const KernelEvent& event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
    changed_.notify_all();
  }
  /// The next draining brings this as well, and calls `meanwhile` on the watching thread.
  void lose(const Drained& drained, std::function<void()> meanwhile = [] {}) {
    const std::lock_guard lock(mutex_);
    loss_ = drained;
    meanwhile_ = std::move(meanwhile);
    changed_.notify_all();
  }
  void break_down(std::string why) {
    const std::lock_guard lock(mutex_);
    broken_ = std::move(why);
    changed_.notify_all();
  }

 private:
  friend class FakeFeed;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<KernelEvent> events_;
  std::optional<Drained> loss_;
  std::function<void()> meanwhile_ = [] {};
  std::string broken_;
  bool woken_ = false;
};

class FakeFeed final : public KernelFeed {
 public:
  explicit FakeFeed(std::shared_ptr<FakeFeedState> state) : state_(std::move(state)) {}

  void wait(std::chrono::milliseconds most) override {
    std::unique_lock lock(state_->mutex_);
    state_->changed_.wait_for(lock, most, [this] {
      return !state_->events_.empty() || state_->loss_ || state_->woken_ || !state_->broken_.empty();
    });
    state_->woken_ = false;
  }
  void wake() override {
    const std::lock_guard lock(state_->mutex_);
    state_->woken_ = true;
    state_->changed_.notify_all();
  }
  busrt::base::Result<Drained> drain(EventQueue& queue) override {
    const std::lock_guard lock(state_->mutex_);
    if (!state_->broken_.empty())
      return busrt::base::fail(std::make_error_code(std::errc::io_error), state_->broken_);
    for (const KernelEvent& event : state_->events_) queue.push(event);
    state_->events_.clear();
    if (state_->loss_) state_->meanwhile_();
    return std::exchange(state_->loss_, std::nullopt).value_or(Drained{});
  }

 private:
  std::shared_ptr<FakeFeedState> state_;
};

}  // namespace procmond
