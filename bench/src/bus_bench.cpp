// bus_bench: what a BUS/RT broker costs over unix sockets, beside the kernel's own floors.
//
//   bus_bench [--label NAME] [--scale X] [--only WORDS | --measure NAME] [--record FILE] [--list]
//             [--own [--steady SECONDS]] [-- BROKER COMMAND with {socket} where its socket path belongs]
//
// Without a command only the floors are measured. Each figure is the median of several runs. Latency runs are
// pinned to one CPU; throughput runs bound the publisher's lead so that no broker has a reason to lose
// anything, and every subscriber checks that it got every frame in order. --own adds what needs our broker's
// options.
#include <fmt/core.h>

#include <exception>
#include <initializer_list>
#include <vector>

#include "bus_measurements.hpp"
#include "bus_peer.hpp"
#include "capacity.hpp"
#include "common_measurements.hpp"
#include "floors.hpp"
#include "growth.hpp"
#include "statistics.hpp"

namespace {

constexpr auto usage =
    "bus_bench [--label NAME] [--scale X] [--only WORDS | --measure NAME] [--record FILE] [--list] [--own "
    "[--steady SECONDS]] "
    "[-- BROKER COMMAND with {socket}]";
constexpr int floor_runs = 5;
constexpr double frame_bytes = 130;

void measure_floor(std::size_t receivers, const std::string& name, double scale,
                   const bench::Results& results) {
  std::vector<double> rates;
  for (int i = 0; i < floor_runs; ++i) {
    const auto run = bench::relay_stream(receivers, static_cast<std::size_t>(1e9 * scale));
    rates.push_back(run.bytes_per_second * static_cast<double>(receivers) / frame_bytes);
  }
  results.record(name, "deliveries_per_second", rates);
  results.print(name, fmt::format("{:>9.2f} M/s   (64 KiB blocks, counted as frames of 130 bytes)",
                                  bench::median(rates) / 1e6));
}

std::vector<bench::Measurement> floor_measurements(const bench::Options& options,
                                                   const bench::Results& results) {
  std::vector<bench::Measurement> measurements;
  for (const std::size_t receivers : std::initializer_list<std::size_t>{1, 8}) {
    const std::string name = fmt::format("bare relay 1 to {}", receivers);
    measurements.push_back(
        {name, [=, &results, scale = options.scale] { measure_floor(receivers, name, scale, results); }});
  }
  return measurements;
}

void append(std::vector<bench::Measurement>& all, std::vector<bench::Measurement> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    bench::Options options = bench::parse_options(argc, argv, usage);
    if (!options.words.empty()) throw std::runtime_error(std::string("usage: ") + usage);
    if (options.label.empty()) options.label = options.command.empty() ? "floor" : "broker";
    const bench::Results results(options.label, options.record);
    const bench::BusPeer peer(options.command);
    std::vector<bench::Measurement> measurements;
    if (options.command.empty()) {
      append(measurements, floor_measurements(options, results));
    } else {
      append(measurements, bench::common_measurements(peer, options, results));
      append(measurements, bench::bus_measurements(peer, options, results));
    }
    if (options.own) {
      append(measurements, bench::capacity_measurements(peer, options, results));
      append(measurements, bench::growth_measurements(peer, options, results));
    }
    return bench::run_measurements(measurements, options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bus_bench: {}\n", error.what());
    return 1;
  }
}
