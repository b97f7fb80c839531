// Runs coroutines of a test to their end, on the test's own thread, with a deadline instead of sleeps.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace monitor_testing {

class EventLoop {
 public:
  static constexpr std::chrono::seconds deadline{20};

  EventLoop() = default;
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Clients of the test are gone by now; lets the ends of their connections run.
  ~EventLoop() { context_.poll(); }

  boost::asio::io_context& context() { return context_; }
  boost::asio::any_io_executor executor() { return context_.get_executor(); }

  /// The coroutine's result; throws when it takes longer than the deadline.
  template <class T>
  T run(boost::asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr fault;
    boost::asio::co_spawn(context_, std::move(work), [&](std::exception_ptr thrown, T value) {
      fault = thrown;
      result = std::move(value);
    });
    if (!until([&] { return result.has_value(); })) throw std::runtime_error("the operation did not end");
    if (fault) std::rethrow_exception(fault);
    return std::move(*result);
  }

  /// Runs handlers until the condition holds; false when the deadline came first.
  template <class Condition>
  bool until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      context_.run_one_for(std::chrono::milliseconds(5));
    }
    return true;
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
};

}  // namespace monitor_testing
