// Where a client's status is kept, and told from: to those who wait for a change, and to a handler.
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

/// Thread-safe; calls nothing while its caller's locks are held.
class StatusNotifier {
 public:
  using Handler = std::function<void(const ConnectionStatus&)>;
  using Waiter = Completion<Result<ConnectionStatus>>;

  explicit StatusNotifier(boost::asio::any_io_executor executor);

  void set_handler(Handler handler);
  [[nodiscard]] ConnectionStatus status() const;
  /// Raises the version and tells everybody, later, on the executor.
  void set(ConnectionStatus next);
  void wait(std::uint64_t seen, Waiter done);
  /// The handler is not called any more, once a call under way has returned.
  void remove_handler();
  /// The last change.
  void close();
  /// Drops handler and waiters, uncalled.
  void abandon() noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with what is posted
};

}  // namespace busrt::detail
