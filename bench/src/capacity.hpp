// How our broker bears what there is much of: connections, patterns, and time under a steady load.
#pragma once

#include <vector>

#include "bus_peer.hpp"
#include "options.hpp"
#include "results.hpp"

namespace bench {

/// For our broker alone, whose options it uses. `peer` and `results` must outlive the measurements.
[[nodiscard]] std::vector<Measurement> capacity_measurements(const BusPeer& peer, const Options& options,
                                                             const Results& results);

/// 10,000 clients that are registered and silent: memory of the broker for each.
void measure_idle_connections(const BusPeer& peer, double scale, const Results& results);
/// 100 clients with 10,000 patterns each: time to subscribe, and broker CPU for a publication among them.
void measure_subscription_table(const BusPeer& peer, double scale, const Results& results);
/// 24 MB/s from one to one for so many seconds: memory of the broker at the start and at the end.
void measure_steady_load(const BusPeer& peer, double seconds, const Results& results);

}  // namespace bench
