#include "client/context_service.hpp"

#include <boost/asio/execution/context.hpp>
#include <boost/asio/query.hpp>
#include <utility>

namespace busrt::detail {

boost::asio::execution_context::id ContextService::id;

void ContextService::add(const boost::asio::any_io_executor& executor,
                         const std::shared_ptr<ContextUser>& user) {
  auto& context = boost::asio::query(executor, boost::asio::execution::context);
  auto& service = boost::asio::use_service<ContextService>(context);
  const std::lock_guard lock(service.mutex_);
  auto& users = service.users_;
  // Sweeping before growing keeps the list as long as the number of living users, at most twice over.
  if (users.size() == users.capacity()) {
    std::erase_if(users, [](const std::weak_ptr<ContextUser>& one) { return one.expired(); });
  }
  users.push_back(user);
}

void ContextService::shutdown() noexcept {
  for (;;) {
    // Destroying one user's completions may destroy others, and may even make new ones.
    std::shared_ptr<ContextUser> user;
    {
      const std::lock_guard lock(mutex_);
      while (!users_.empty() && !user) {
        user = users_.back().lock();
        users_.pop_back();
      }
    }
    if (!user) return;
    user->abandon();
  }
}

}  // namespace busrt::detail
