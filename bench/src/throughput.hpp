// One publisher, some subscribers: how many deliveries a second, and what each costs the broker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "peer.hpp"
#include "results.hpp"

namespace bench {

struct Shape {
  std::string name;  ///< of the measurement
  std::size_t subscribers = 1;
  std::size_t payload_bytes = 100;
  bool batched = true;  ///< else a write for each message
  std::string topic = "bench/topic";
  std::size_t topics = 1;  ///< if more: published to in turn, below `topic`; for BUS/RT alone
};

struct Throughput {
  double deliveries_per_second = 0;
  double broker_cpu_us = 0;  ///< per delivery
};

/// One run with a fresh broker. Throws where a subscriber misses a message.
[[nodiscard]] Throughput throughput_run(const Peer& peer, const Shape& shape, std::uint64_t messages);

/// The median of several runs, each about `scale` seconds long: recorded and printed.
void measure_throughput(const Peer& peer, const Shape& shape, double scale, const Results& results);

}  // namespace bench
