#include "client/status_notifier.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

namespace busrt::detail {

namespace {
/// Changes that wait for a slow handler. The oldest are dropped beyond this.
constexpr std::size_t max_pending_changes = 64;
}  // namespace

struct StatusNotifier::State : std::enable_shared_from_this<State> {
  struct Waiting {
    std::uint64_t ticket;
    Waiter waiter;
  };

  explicit State(boost::asio::any_io_executor with) : executor(std::move(with)) {}

  /// One at a time, whatever number of threads the executor has.
  void notify() {
    for (;;) {
      ConnectionStatus next;
      std::shared_ptr<const Handler> called;
      {
        const std::lock_guard lock(mutex);
        if (pending.empty() || !handler) {
          notifying = false;
          return;
        }
        next = std::move(pending.front());
        pending.pop_front();
        called = handler;
      }
      (*called)(next);
    }
  }
  void cancel(std::uint64_t ticket) {
    const std::lock_guard lock(mutex);
    const auto found =
        std::ranges::find_if(waiters, [ticket](const Waiting& one) { return one.ticket == ticket; });
    if (found == waiters.end()) return;
    found->waiter.post(
        fail(std::make_error_code(std::errc::operation_canceled), "waiting for a change was cancelled"));
    waiters.erase(found);
  }
  /// A handler that throws ends its own call. The next change is reported all the same.
  struct NotifyHandler {
    std::weak_ptr<State> state;
    void operator()() const {
      const auto self = state.lock();
      if (!self) return;
      try {
        self->notify();
      } catch (...) {
        boost::asio::post(self->executor, NotifyHandler{state});
        throw;
      }
    }
  };

  const boost::asio::any_io_executor executor;
  std::mutex mutex;
  ConnectionStatus status;
  std::shared_ptr<const Handler> handler;
  std::deque<ConnectionStatus> pending;
  bool notifying = false;
  std::uint64_t next_ticket = 1;
  std::vector<Waiting> waiters;
};

StatusNotifier::StatusNotifier(boost::asio::any_io_executor executor)
    : state_(std::make_shared<State>(std::move(executor))) {}

void StatusNotifier::set_handler(Handler handler) {
  auto shared = handler ? std::make_shared<const Handler>(std::move(handler)) : nullptr;
  const std::lock_guard lock(state_->mutex);
  state_->handler.swap(shared);
}

ConnectionStatus StatusNotifier::status() const {
  const std::lock_guard lock(state_->mutex);
  return state_->status;
}

void StatusNotifier::set(ConnectionStatus next) {
  const std::lock_guard lock(state_->mutex);
  if (state_->status.state == ConnectionState::closed) return;
  next.version = state_->status.version + 1;
  state_->status = std::move(next);
  for (auto& waiting : std::exchange(state_->waiters, {})) waiting.waiter.post(state_->status);
  if (!state_->handler) return;
  if (state_->pending.size() == max_pending_changes) state_->pending.pop_front();
  state_->pending.push_back(state_->status);
  if (!std::exchange(state_->notifying, true)) {
    boost::asio::post(state_->executor, State::NotifyHandler{state_});
  }
}

void StatusNotifier::wait(std::uint64_t seen, Waiter done) {
  const std::lock_guard lock(state_->mutex);
  if (state_->status.version != seen) {
    done.post(state_->status);
  } else if (state_->status.state == ConnectionState::closed) {
    done.post(fail(errc::closed));
  } else {
    const std::uint64_t ticket = state_->next_ticket++;
    if (done.cancellable()) {
      done.on_cancel([weak = std::weak_ptr(state_), ticket] {
        if (const auto state = weak.lock()) state->cancel(ticket);
      });
    }
    state_->waiters.push_back({ticket, std::move(done)});
  }
}

void StatusNotifier::remove_handler() {
  std::shared_ptr<const Handler> handler;
  std::deque<ConnectionStatus> pending;
  const std::lock_guard lock(state_->mutex);
  handler.swap(state_->handler);
  pending.swap(state_->pending);
}

void StatusNotifier::close() {
  ConnectionStatus last = status();
  last.state = ConnectionState::closed;
  last.reason = DisconnectReason::owner;
  last.retry_in = {};
  set(std::move(last));
}

void StatusNotifier::abandon() noexcept {
  std::shared_ptr<const Handler> handler;
  std::deque<ConnectionStatus> pending;
  std::vector<State::Waiting> waiters;
  const std::lock_guard lock(state_->mutex);
  handler.swap(state_->handler);
  pending.swap(state_->pending);
  waiters.swap(state_->waiters);
}

}  // namespace busrt::detail
