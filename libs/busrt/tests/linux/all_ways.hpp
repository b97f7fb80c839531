// The ways from a client to a broker that this system has.
#pragma once

#include <vector>

#include "transport_ways.hpp"

namespace busrt {

inline std::vector<Way> all_ways() {
  return {Way::ipc, Way::inproc, Way::tcp, Way::tls, Way::websocket, Way::secure_websocket};
}

}  // namespace busrt
