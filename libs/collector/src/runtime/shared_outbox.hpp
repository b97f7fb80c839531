// The outbox as the threads of a collector see it: sources put in from any thread, the publisher takes out.
#pragma once

#include <mutex>
#include <utility>

#include "runtime/outbox.hpp"

namespace daemoneye::collector {

class SharedOutbox {
 public:
  explicit SharedOutbox(OutboxConfig config) : outbox_(std::move(config)) {}

  /// Runs `use(outbox)` under the mutex and returns what it returns.
  template <class Use>
  auto with(Use&& use) {
    const std::scoped_lock lock(mutex_);
    return std::forward<Use>(use)(outbox_);
  }
  template <class Use>
  auto with(Use&& use) const {
    const std::scoped_lock lock(mutex_);
    return std::forward<Use>(use)(outbox_);
  }

 private:
  mutable std::mutex mutex_;
  Outbox outbox_;
};

}  // namespace daemoneye::collector
