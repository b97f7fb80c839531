// The ways from a client to a broker that this system has.
#pragma once

#include <gtest/gtest.h>

#include "transport_ways.hpp"

namespace busrt {

inline auto all_ways() {
  return testing::Values(Way::ipc, Way::inproc, Way::tcp, Way::tls, Way::websocket, Way::secure_websocket);
}

}  // namespace busrt
