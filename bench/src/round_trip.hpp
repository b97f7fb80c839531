// There and back through a broker with everything on one CPU, as a ratio to a plain epoll relay taken beside
// it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "floors.hpp"
#include "peer.hpp"
#include "results.hpp"

namespace bench {

/// The times of `count` round trips, in microseconds each.
using RoundTrips = std::function<std::vector<double>(std::size_t count)>;

/// The median of several rounds; in each the relay goes first, because machines drift. Pins to one CPU.
/// `connections` says which relay the clients resemble.
void measure_round_trips(const std::string& name, Connections connections, std::size_t payload_bytes,
                         const RoundTrips& round_trips, double scale, const Results& results);

/// A publication to a process that answers each with another; a connection for each way, as not every system
/// can publish on one that subscribes.
[[nodiscard]] std::vector<double> published_round_trips(const Peer& peer, std::size_t payload_bytes,
                                                        std::size_t count);

}  // namespace bench
