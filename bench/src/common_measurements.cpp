#include "common_measurements.hpp"

#include "round_trip.hpp"
#include "throughput.hpp"

namespace bench {

std::vector<Measurement> common_measurements(const Peer& peer, const Options& options,
                                             const Results& results) {
  std::vector<Measurement> measurements;
  const double scale = options.scale;
  const struct {
    std::size_t bytes;
    std::string words;
  } payloads[] = {{100, "100 B"}, {16384, "16 KiB"}};
  for (const auto& payload : payloads) {
    const Shape shapes[] = {
        {.name = "publish 1 to 1, " + payload.words + ", batched", .payload_bytes = payload.bytes},
        {.name = "publish 1 to 1, " + payload.words + ", a write each",
         .payload_bytes = payload.bytes,
         .batched = false},
        {.name = "publish 1 to 8, " + payload.words + ", batched",
         .subscribers = 8,
         .payload_bytes = payload.bytes},
    };
    for (const Shape& shape : shapes) {
      measurements.push_back(
          {shape.name, [=, &peer, &results] { measure_throughput(peer, shape, scale, results); }});
    }
  }
  for (const auto& payload : payloads) {
    const std::string name = "round trip, " + payload.words;
    measurements.push_back(
        {name, [=, &peer, &results, bytes = payload.bytes] {
           measure_round_trips(
               name, Connections::two, bytes,
               [&](std::size_t count) { return published_round_trips(peer, bytes, count); }, scale, results);
         }});
  }
  return measurements;
}

}  // namespace bench
