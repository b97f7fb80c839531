// What is measured of every peer, in the same way.
#pragma once

#include <vector>

#include "options.hpp"
#include "peer.hpp"
#include "results.hpp"

namespace bench {

/// `peer` and `results` must outlive the measurements.
[[nodiscard]] std::vector<Measurement> common_measurements(const Peer& peer, const Options& options,
                                                           const Results& results);

}  // namespace bench
