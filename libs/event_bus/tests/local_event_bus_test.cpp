// The local event bus against the conformance suite.

#include "event_bus_suite.hpp"
#include "local_bus_harness.hpp"

namespace daemoneye::event_bus::testing {

INSTANTIATE_TYPED_TEST_SUITE_P(Local, EventBusSuite, LocalHarness);

}  // namespace daemoneye::event_bus::testing
