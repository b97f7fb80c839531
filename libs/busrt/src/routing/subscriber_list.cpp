// See subscriber_list.hpp.
#include "routing/subscriber_list.hpp"

#include <algorithm>
#include <initializer_list>

namespace busrt::routing {

bool SubscriberList::insert(SubscriberId id) {
  if (many_ != nullptr) {
    const auto at = std::ranges::lower_bound(*many_, id);
    if (at != many_->end() && *at == id) return false;
    many_->insert(at, id);
    return true;
  }
  if (count_ == 0) {
    single_ = id;
    count_ = 1;
    return true;
  }
  if (single_ == id) return false;
  // Whole before it takes the place of the one: there may be no memory for it.
  many_ = std::make_unique<std::vector<SubscriberId>>(
      std::initializer_list<SubscriberId>{std::min(single_, id), std::max(single_, id)});
  count_ = 0;
  return true;
}

bool SubscriberList::erase(SubscriberId id) {
  if (many_ == nullptr) {
    if (count_ == 0 || single_ != id) return false;
    count_ = 0;
    return true;
  }
  const auto at = std::ranges::lower_bound(*many_, id);
  if (at == many_->end() || *at != id) return false;
  many_->erase(at);
  if (many_->size() == 1) {
    single_ = many_->front();
    count_ = 1;
    many_.reset();
  } else if (many_->size() * 4 < many_->capacity()) {
    many_->shrink_to_fit();
  }
  return true;
}

}  // namespace busrt::routing
