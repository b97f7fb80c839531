// A connected client as statistics show it.
#pragma once

#include "broker/endpoint.hpp"
#include "busrt/broker_stats.hpp"

namespace busrt::broker {

/// Describes a registered client. Thread safety: under the registry's mutex, which guards the number of
/// secondaries.
[[nodiscard]] ClientInfo client_info(const Endpoint& endpoint);

}  // namespace busrt::broker
