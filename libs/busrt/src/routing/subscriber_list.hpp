// The subscribers of one pattern, sorted. Nearly every pattern has one subscriber, and that one costs no
// allocation; the list of a popular pattern is a plain vector.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace busrt::routing {

/// The broker's number for a session, chosen by the broker.
using SubscriberId = std::uint32_t;

/// Owned by one thread at a time. Spans are valid until the next call that is not const.
class SubscriberList {
 public:
  [[nodiscard]] std::span<const SubscriberId> ids() const noexcept {
    if (many_ != nullptr) return *many_;
    return {&single_, count_};
  }
  [[nodiscard]] bool empty() const noexcept { return many_ == nullptr && count_ == 0; }

  /// Both say whether anything changed.
  bool insert(SubscriberId id);
  bool erase(SubscriberId id);

 private:
  std::unique_ptr<std::vector<SubscriberId>> many_;  // set while there are two or more
  SubscriberId single_ = 0;
  std::uint32_t count_ = 0;  // of single_: 0 or 1
};

}  // namespace busrt::routing
