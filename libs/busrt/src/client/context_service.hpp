// Ties what a client holds to the life of its execution context. A coroutine that owns a client and waits on
// it is owned by the client's own pending completion; when the context goes without completing it, somebody
// must cut that knot.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace busrt::detail {

/// Told when its context is destroyed: drop every completion, uncalled, and everything that needs the
/// context.
class ContextUser {
 public:
  virtual ~ContextUser() = default;
  virtual void abandon() noexcept = 0;
};

/// One per execution context. Thread-safe.
class ContextService : public boost::asio::execution_context::service {
 public:
  static boost::asio::execution_context::id id;

  explicit ContextService(boost::asio::execution_context& context)
      : boost::asio::execution_context::service(context) {}

  /// `user` is forgotten when its last owner lets go.
  static void add(const boost::asio::any_io_executor& executor, const std::shared_ptr<ContextUser>& user);

 private:
  void shutdown() noexcept override;

  std::mutex mutex_;
  std::vector<std::weak_ptr<ContextUser>> users_;
};

}  // namespace busrt::detail
