// The coroutines that a service has started and not awaited: their owner, their end, and their faults.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace busrt::base {

/// Owns coroutines that run beside the one that started them. An exception that leaves a task goes to the
/// scope's fault handler; `asio::detached` would drop it.
///
/// A service ends its scope in two steps: close() takes no new task and cancels those that run, join() waits
/// for their end. The scope has to outlive its tasks; an assertion checks that, except while an exception
/// unwinds the stack.
///
/// Thread safety: none. Every member runs on the executor, which runs one handler at a time.
class TaskScope {
 public:
  /// Called for each task that an exception has ended: its name, and the exception's text. The end of a
  /// cancelled task is no fault. An exception of the handler itself leaves the loop that runs the executor.
  using FaultHandler = std::function<void(std::string_view task, std::string_view what)>;

  TaskScope(const boost::asio::any_io_executor& executor, FaultHandler on_fault);
  ~TaskScope();
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  /// Starts `task` in a later turn of the executor. `name` is for the fault handler.
  /// Returns false, and destroys the task, when the scope is closed.
  bool spawn(std::string name, boost::asio::awaitable<void> task);

  /// Takes no new task and cancels those that run (cancellation_type::terminal). A second call changes
  /// nothing.
  void close();
  /// Completes when no task runs. A task must not await the scope that it belongs to.
  boost::asio::awaitable<void> join();

  [[nodiscard]] std::size_t running() const noexcept;

 private:
  struct Task;
  struct State;
  std::shared_ptr<State> state_;  // shared with the completions of tasks
};

}  // namespace busrt::base
