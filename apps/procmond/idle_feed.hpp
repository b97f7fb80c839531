// The feed of a watcher without one: nothing to drain, only something to sleep on.
#pragma once

#include <condition_variable>
#include <mutex>

#include "kernel_feed.hpp"

namespace procmond {

class IdleFeed final : public KernelFeed {
 public:
  void wait(std::chrono::milliseconds most) override {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, most, [this] { return is_woken_; });
    is_woken_ = false;
  }
  void wake() override {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
    woken_.notify_one();
  }
  busrt::base::Result<Drained> drain(EventQueue& /*queue*/) override { return Drained{}; }

 private:
  std::mutex mutex_;
  std::condition_variable woken_;
  bool is_woken_ = false;
};

}  // namespace procmond
