#include <gtest/gtest.h>

#include "daemoneye/event_bus/event_bus.hpp"

namespace daemoneye::event_bus {
namespace {

TEST(BusLoss, EachCauseHasItsNameAndItsCounter) {
  EXPECT_EQ(to_string(BusLoss::queue_full), "queue_full");
  EXPECT_EQ(to_string(BusLoss::shutdown), "shutdown");
  EXPECT_EQ(bus_losses, static_cast<std::size_t>(BusLoss::shutdown) + 1);
  EXPECT_EQ(to_string(static_cast<BusLoss>(bus_losses)), "unknown");
}

}  // namespace
}  // namespace daemoneye::event_bus
