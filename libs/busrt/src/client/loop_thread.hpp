// An event loop on a thread of its own, for the blocking clients.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

#include "busrt/base/log.hpp"
#include "busrt/base/throttled_log.hpp"

namespace busrt::detail {

/// Runs from construction to stop(). Its destructor destroys the handlers that still wait.
class LoopThread {
 public:
  explicit LoopThread(base::LogSink log);
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }
  /// Joins the thread, then runs the handlers that are ready, so that results that exist already reach their
  /// callers. Must not be called from a handler of the loop. A second call does nothing.
  void stop();

 private:
  void run();

  void log_failure(const std::string& line) { failures_.write(base::LogLevel::error, line); }

  base::ThrottledLog failures_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::thread thread_;
};

}  // namespace busrt::detail
