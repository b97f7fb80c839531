// What a publication costs our broker as the work grows in one direction at a time.
#pragma once

#include <vector>

#include "bus_peer.hpp"
#include "options.hpp"
#include "results.hpp"

namespace bench {

/// For our broker alone. `peer` and `results` must outlive the measurements.
[[nodiscard]] std::vector<Measurement> growth_measurements(const BusPeer& peer, const Options& options,
                                                           const Results& results);

}  // namespace bench
