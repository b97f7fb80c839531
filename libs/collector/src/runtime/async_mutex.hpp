// Mutual exclusion among the coroutines of one executor, in the order of asking.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <memory>
#include <utility>

namespace daemoneye::collector {

/// Must outlive its guards. Waiting cannot be cancelled.
class AsyncMutex {
 public:
  class Guard {
   public:
    explicit Guard(AsyncMutex& mutex) noexcept : mutex_(&mutex) {}
    Guard(Guard&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
    Guard& operator=(Guard&&) = delete;
    ~Guard() {
      if (mutex_ != nullptr) mutex_->unlock();
    }

   private:
    AsyncMutex* mutex_;
  };

  explicit AsyncMutex(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  boost::asio::awaitable<Guard> lock() {
    if (std::exchange(locked_, true)) {
      auto turn = std::make_shared<Turn>(executor_);
      turns_.push_back(turn);
      while (!turn->granted) {
        boost::system::error_code ignored;
        co_await turn->timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
      }
    }
    co_return Guard(*this);
  }

 private:
  struct Turn {
    explicit Turn(const boost::asio::any_io_executor& executor)
        : timer(executor, boost::asio::steady_timer::time_point::max()) {}
    boost::asio::steady_timer timer;
    bool granted = false;
  };

  void unlock() {
    if (turns_.empty()) {
      locked_ = false;
      return;
    }
    // Stays locked: the next in line owns it from now on.
    turns_.front()->granted = true;
    turns_.front()->timer.cancel();
    turns_.pop_front();
  }

  boost::asio::any_io_executor executor_;
  bool locked_ = false;
  std::deque<std::shared_ptr<Turn>> turns_;
};

}  // namespace daemoneye::collector
