// The thread that events travel on.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>

#include "faults.hpp"

namespace daemoneye_agent {

/// Runs an io_context on a thread of its own. An exception of a handler is noted in the
/// agent's faults and ends nothing.
class DataThread {
 public:
  explicit DataThread(Faults& faults);
  /// Destroys handlers that have not run.
  ~DataThread() { halt(); }
  DataThread(const DataThread&) = delete;
  DataThread& operator=(const DataThread&) = delete;

  /// Waits until no work is left; nothing runs on the thread any more. What stands on the context goes after
  /// this and before the context. A second call changes nothing.
  void join();
  /// The same at once: handlers that have not run do not run.
  void halt();
  [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

 private:
  void run();

  Faults& faults_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace daemoneye_agent
