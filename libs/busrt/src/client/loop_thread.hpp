// An event loop on a thread of its own: what the blocking facades run on.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <string>
#include <thread>

#include "busrt/base/log.hpp"
#include "busrt/base/throttled_log.hpp"

namespace busrt::detail {

/// Runs from construction to stop(). What still waits on it is destroyed with it.
class LoopThread {
 public:
  explicit LoopThread(base::LogSink log);
  ~LoopThread();
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }
  /// Joins the thread, then runs what is ready, so that nobody waits for a completion that is already
  /// decided. Not from a handler of the loop itself. Idempotent.
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
