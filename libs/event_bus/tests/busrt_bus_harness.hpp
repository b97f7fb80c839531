// The event bus over an embedded broker as the conformance suite makes it.
#pragma once

#include <memory>
#include <string>

#include "busrt/broker.hpp"
#include "daemoneye/event_bus/busrt_event_bus.hpp"
#include "monitor_testing/event_loop.hpp"

namespace daemoneye::event_bus::testing {

class BusrtHarness {
 public:
  std::unique_ptr<EventBus> make(monitor_testing::EventLoop& loop, const EventBusConfig& config) {
    auto bus = connect(loop, "suite", config);
    return bus;
  }
  std::unique_ptr<BusrtEventBus> connect(monitor_testing::EventLoop& loop, const std::string& name,
                                         const EventBusConfig& config = {}) {
    busrt::ClientConfig client;
    client.name = name;
    client.endpoint = broker_.local();
    client.reconnect.enabled = false;  // what the bus does about a lost connection is what is tested
    auto bus =
        std::make_unique<BusrtEventBus>(std::make_shared<busrt::Client>(loop.executor(), client), config);
    const auto connected = loop.run(bus->connect());
    EXPECT_TRUE(connected.has_value()) << connected.error().describe();
    return bus;
  }
  busrt::Broker& broker() { return broker_; }

 private:
  busrt::Broker broker_;
};

}  // namespace daemoneye::event_bus::testing
