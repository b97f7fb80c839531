// peer_bench: the common measurements of a message system that speaks its own protocol over a stream socket.
//
//   peer_bench nats|mosquitto|redis [--scale X] [--only WORDS | --measure NAME] [--record FILE] [--list]
#include <fmt/core.h>

#include <memory>
#include <stdexcept>

#include "common_measurements.hpp"
#include "mqtt_peer.hpp"
#include "nats_peer.hpp"
#include "redis_peer.hpp"

namespace {

constexpr auto usage =
    "peer_bench nats|mosquitto|redis [--scale X] [--only WORDS | --measure NAME] [--record FILE] [--list]";

std::unique_ptr<bench::Peer> make_peer(const std::string& name) {
  if (name == "nats") return std::make_unique<bench::NatsPeer>();
  if (name == "mosquitto") return std::make_unique<bench::MosquittoPeer>();
  if (name == "redis") return std::make_unique<bench::RedisPeer>();
  throw std::runtime_error("no such peer: " + name + "; usage: " + usage);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    bench::Options options = bench::parse_options(argc, argv, usage);
    if (options.words.size() != 1) throw std::runtime_error(std::string("usage: ") + usage);
    const auto peer = make_peer(options.words[0]);
    if (options.label.empty()) options.label = options.words[0];
    const bench::Results results(options.label, options.record);
    return bench::run_measurements(bench::common_measurements(*peer, options, results), options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "peer_bench: {}\n", error.what());
    return 1;
  }
}
