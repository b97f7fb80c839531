// What the kernel alone costs: a relay process between two sockets, with no protocol at all.
#pragma once

#include <cstddef>
#include <vector>

namespace bench {

/// How a client of a round trip is connected: a socket for both ways, or one to send on and one to receive
/// on. The second is faster by some wake-ups, so a broker is to be held against a relay of its clients' own
/// kind.
enum class Connections { one, two };

/// Round trips of `payload` bytes from one process through an epoll relay process to an echoing third and
/// back, in microseconds each. Everything inherits the caller's CPU affinity.
[[nodiscard]] std::vector<double> relay_round_trips(Connections connections, std::size_t payload,
                                                    std::size_t count);

struct RelayThroughput {
  double bytes_per_second = 0;
  double relay_cpu_seconds = 0;
};
/// A stream in 64 KiB blocks from one process through a relay process to `receivers` others.
[[nodiscard]] RelayThroughput relay_stream(std::size_t receivers, std::size_t total_bytes);

}  // namespace bench
