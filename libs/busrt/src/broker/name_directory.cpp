#include "broker/name_directory.hpp"

#include "broker/grow.hpp"

namespace busrt::broker {

void NameDirectory::reserve_for_one_more() {
  if (!free_numbers_.empty()) return;
  by_number_.push_back(nullptr);
  try {
    grow(free_numbers_, by_number_.size());
  } catch (...) {
    by_number_.pop_back();
    throw;
  }
  free_numbers_.push_back(static_cast<std::uint32_t>(by_number_.size() - 1));
}

void NameDirectory::insert(const EndpointRef& endpoint) {
  const std::uint32_t number = free_numbers_.back();
  name_tree_.insert(endpoint->name, number);
  try {
    names_.emplace(endpoint->name, endpoint);
  } catch (...) {
    name_tree_.erase(endpoint->name);
    throw;
  }
  free_numbers_.pop_back();
  by_number_[number] = endpoint;
  endpoint->id = number;
}

void NameDirectory::erase(const Endpoint& endpoint) noexcept {
  name_tree_.erase(endpoint.name);
  by_number_[endpoint.id] = nullptr;
  // Last: this may be the reference that keeps the name alive.
  names_.erase(names_.find(std::string_view(endpoint.name)));
}

EndpointRef NameDirectory::find(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? nullptr : found->second;
}

std::vector<EndpointRef> NameDirectory::secondaries(std::string_view primary) const {
  std::vector<EndpointRef> found;
  for (const auto& [name, endpoint] : names_) {
    if (!endpoint->is_primary() && endpoint->primary() == primary) found.push_back(endpoint);
  }
  return found;
}

}  // namespace busrt::broker
