// The local event bus as the conformance suite makes it.
#pragma once

#include <memory>

#include "collector_core/local_event_bus.hpp"
#include "event_loop.hpp"

namespace collector_core::testing {

class LocalHarness {
 public:
  std::unique_ptr<EventBus> make(EventLoop& loop, EventBusConfig config) {
    return std::make_unique<LocalEventBus>(loop.executor(), config);
  }
};

}  // namespace collector_core::testing
