// What is measured of BUS/RT brokers alone, because other systems have no such thing: messages to a name, the
// QoS levels, RPC to the broker itself.
#pragma once

#include <vector>

#include "bus_peer.hpp"
#include "options.hpp"
#include "results.hpp"

namespace bench {

/// `peer` and `results` must outlive the measurements.
[[nodiscard]] std::vector<Measurement> bus_measurements(const BusPeer& peer, const Options& options,
                                                        const Results& results);

}  // namespace bench
