// Holds a client's status and reports its changes: to callers that wait for one, and to a handler.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "busrt/client_status.hpp"
#include "busrt/detail/completion.hpp"
#include "busrt/error.hpp"

namespace busrt::detail {

/// Thread safety: any thread. It calls handlers on the executor, never from within a member function.
class StatusNotifier {
 public:
  using Handler = std::function<void(const ConnectionStatus&)>;
  using Waiter = Completion<Result<ConnectionStatus>>;

  explicit StatusNotifier(boost::asio::any_io_executor executor);

  void set_handler(Handler handler);
  [[nodiscard]] ConnectionStatus status() const;
  /// Sets the status, increases its version, and reports it.
  void set(ConnectionStatus next);
  void wait(std::uint64_t seen, Waiter done);
  /// The handler is not called again. A call that is under way may still return later.
  void remove_handler();
  /// Reports ConnectionState::closed, the last change.
  void close();
  /// Drops handler and waiters, uncalled.
  void abandon() noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with what is posted
};

}  // namespace busrt::detail
