// bench_zmq: the common measurements of a ZeroMQ proxy. Built where libzmq is there.
//
//   bench_zmq [--scale X] [--only WORDS | --measure NAME] [--record FILE] [--list]
#include <fmt/core.h>

#include <exception>

#include "common_measurements.hpp"
#include "zmq_peer.hpp"

int main(int argc, char** argv) {
  try {
    bench::Options options = bench::parse_options(
        argc, argv, "bench_zmq [--scale X] [--only WORDS | --measure NAME] [--record FILE] [--list]");
    if (options.label.empty()) options.label = "zeromq";
    const bench::ZmqPeer peer;
    const bench::Results results(options.label, options.record);
    return bench::run_measurements(bench::common_measurements(peer, options, results), options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_zmq: {}\n", error.what());
    return 1;
  }
}
