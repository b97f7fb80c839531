// The local event bus as the conformance suite makes it.
#pragma once

#include <memory>

#include "daemoneye/event_bus/local_event_bus.hpp"
#include "monitor_testing/event_loop.hpp"

namespace daemoneye::event_bus::testing {

class LocalHarness {
 public:
  std::unique_ptr<EventBus> make(monitor_testing::EventLoop& loop, const EventBusConfig& config) {
    return std::make_unique<LocalEventBus>(loop.executor(), config);
  }
};

}  // namespace daemoneye::event_bus::testing
