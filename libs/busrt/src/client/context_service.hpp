// Ties the handlers that a client holds to the life of its execution context.
//
// A coroutine that owns a client and waits for it is owned by that client's pending handler: a cycle. If the
// context is destroyed before the handler is called, this service breaks the cycle.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>
#include <mutex>
#include <vector>

namespace busrt::detail {

/// An object that holds handlers.
class ContextUser {
 public:
  virtual ~ContextUser() = default;
  /// The context is being destroyed. Drops every handler, uncalled, and everything that needs the context.
  virtual void abandon() noexcept = 0;
};

/// The objects of one execution context. Thread safety: any thread.
class ContextService : public boost::asio::execution_context::service {
 public:
  static boost::asio::execution_context::id id;

  explicit ContextService(boost::asio::execution_context& context)
      : boost::asio::execution_context::service(context) {}

  /// Adds an object. The service does not keep it alive.
  static void add(const boost::asio::any_io_executor& executor, const std::shared_ptr<ContextUser>& user);

 private:
  void shutdown() noexcept override;

  std::mutex mutex_;
  std::vector<std::weak_ptr<ContextUser>> users_;
};

}  // namespace busrt::detail
