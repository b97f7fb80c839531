#include "descriptor_store.hpp"

#include <fcntl.h>

#include <cerrno>

namespace daemoneye_keeper {

busrt::base::Result<> DescriptorStore::put(std::string_view name, busrt::base::UniqueFd descriptor) {
  const auto found = held_.find(name);
  if (found != held_.end()) {
    found->second = std::move(descriptor);
    return {};
  }
  if (held_.size() >= max_stored_descriptors) return busrt::base::fail_errno(ENOSPC, "the descriptor store");
  held_.emplace(name, std::move(descriptor));
  return {};
}

busrt::base::Result<busrt::base::UniqueFd> DescriptorStore::take(std::string_view name) const {
  const auto found = held_.find(name);
  if (found == held_.end()) return busrt::base::fail_errno(ENOENT, "the descriptor store");
  busrt::base::UniqueFd copy(::fcntl(found->second.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return busrt::base::fail_errno(errno, "a duplicate of a stored descriptor");
  return copy;
}

busrt::base::Result<> DescriptorStore::drop(std::string_view name) {
  const auto found = held_.find(name);
  if (found == held_.end()) return busrt::base::fail_errno(ENOENT, "the descriptor store");
  held_.erase(found);
  return {};
}

}  // namespace daemoneye_keeper
