#include "busrt/base/task_scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <cassert>
#include <exception>
#include <unordered_set>
#include <utility>
#include <vector>

namespace busrt::base {

namespace asio = boost::asio;

struct TaskScope::Task {
  std::string name;
  asio::cancellation_signal cancel{};
  bool started = false;
};

struct TaskScope::State {
  State(const asio::any_io_executor& executor, FaultHandler handler)
      : on_fault(std::move(handler)), ended(executor, std::chrono::steady_clock::time_point::max()) {}

  void end(const std::shared_ptr<Task>& task, const std::exception_ptr& fault) {
    running.erase(task);
    if (running.empty()) ended.cancel();
    if (!fault || !on_fault) return;
    try {
      std::rethrow_exception(fault);
    } catch (const boost::system::system_error& error) {
      if (closed && error.code() == asio::error::operation_aborted) return;
      on_fault(task->name, error.what());
    } catch (const std::exception& error) {
      on_fault(task->name, error.what());
    } catch (...) {
      on_fault(task->name, "an exception of unknown type");
    }
  }

  /// Awaits the task and completes normally or with its exception. Asio 1.26 does neither for a coroutine
  /// that was cancelled before its first turn, or by itself: its own next co_await throws. Such a task is
  /// left out, or not told again.
  static asio::awaitable<void> run(std::shared_ptr<State> state, std::shared_ptr<Task> entry,
                                   asio::awaitable<void> task) {
    if (state->closed) co_return;
    entry->started = true;
    std::exception_ptr fault;
    try {
      co_await std::move(task);
    } catch (...) {
      fault = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    if (fault) std::rethrow_exception(fault);
  }

  FaultHandler on_fault;
  asio::steady_timer ended;  // never expires; cancelled to wake join()
  std::unordered_set<std::shared_ptr<Task>> running;
  bool closed = false;
};

TaskScope::TaskScope(const asio::any_io_executor& executor, FaultHandler on_fault)
    : state_(std::make_shared<State>(executor, std::move(on_fault))) {}

TaskScope::~TaskScope() {
  assert(state_->running.empty() || std::uncaught_exceptions() != 0);
  close();
  state_->on_fault = nullptr;
}

bool TaskScope::spawn(std::string name, asio::awaitable<void> task) {
  if (state_->closed) return false;
  auto entry = std::make_shared<Task>(std::move(name));
  state_->running.insert(entry);
  try {
    auto ended = [state = state_, entry](const std::exception_ptr& fault) { state->end(entry, fault); };
    asio::co_spawn(state_->ended.get_executor(), State::run(state_, entry, std::move(task)),
                   asio::bind_cancellation_slot(entry->cancel.slot(), std::move(ended)));
  } catch (...) {
    state_->running.erase(entry);
    throw;
  }
  return true;
}

void TaskScope::close() {
  state_->closed = true;
  // A task may end within emit().
  const std::vector<std::shared_ptr<Task>> tasks(state_->running.begin(), state_->running.end());
  for (const auto& task : tasks) {
    if (task->started) task->cancel.emit(asio::cancellation_type::terminal);
  }
}

asio::awaitable<void> TaskScope::join() {
  const auto state = state_;
  while (!state->running.empty()) {
    boost::system::error_code ignored;
    co_await state->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
}

std::size_t TaskScope::running() const noexcept {
  return state_->running.size();
}

}  // namespace busrt::base
