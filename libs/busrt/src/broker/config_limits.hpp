// A broker's settings within the bounds that the broker needs.
#pragma once

#include "busrt/broker_config.hpp"

namespace busrt::broker {

/// At least one shard, room for one frame in a queue, and no body that the protocol cannot carry.
[[nodiscard]] BrokerConfig within_bounds(BrokerConfig config);

}  // namespace busrt::broker
