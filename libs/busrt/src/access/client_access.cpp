// See client_access.hpp.
#include "access/client_access.hpp"

#include "access/decide.hpp"
#include "busrt/limits.hpp"

namespace busrt::access {

std::size_t ClientAccess::grants(AccessOperation operation) const noexcept {
  switch (operation) {
    case AccessOperation::publish:
      return entry_->publish.size();
    case AccessOperation::subscribe:
      return entry_->subscribe.size();
    case AccessOperation::message:
      return entry_->message.size();
    case AccessOperation::broadcast:
      return entry_->broadcast.size();
    case AccessOperation::connect:
      break;
  }
  return 0;
}

ClientAccess::Answer ClientAccess::look_up(Answers& answers, AccessOperation operation,
                                           std::string_view target) {
  auto found = answers.table.find(target);
  const bool fresh = found == answers.table.end();
  if (fresh) {
    if (target_problem(operation, target) != nullptr) return {true, true};
    const bool allowed =
        !never_granted(operation, target) &&
        (always_granted(operation, target) || admitting_grant(*entry_, operation, target) != nullptr);
    if (answers.bytes + entry_bytes + target.size() > limits::access_cache_bytes) {
      answers.table.clear();
      answers.bytes = 0;
    }
    answers.bytes += entry_bytes + target.size();
    found = answers.table.emplace(std::string(target), allowed).first;
  }
  answers.last = &*found;
  return {found->second, fresh};
}

}  // namespace busrt::access
