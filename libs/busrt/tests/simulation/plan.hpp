// What a seed decides before anything happens: the broker, the clients, the network, and what goes wrong.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "busrt/broker.hpp"
#include "random.hpp"
#include "system.hpp"

namespace busrt::simulation {

/// Of every connection; each draws its own delays from these.
struct NetworkPlan {
  std::size_t pipe_bytes = 0;    ///< at each end, per direction
  std::size_t flying_bytes = 0;  ///< on the way, per direction
  std::size_t largest_chunk = 0;
  Duration delay{};
  Duration jitter{};
};

/// How often, as means between two; zero: never.
struct FaultPlan {
  Duration cut{};
  Duration stall{};
  Duration refuse{};  ///< connections are refused for a while
  Duration client_crash{};
  Duration client_leave{};
  Duration broker_crash{};
  Duration broker_restart{};
  Duration shard_pause{};
  Duration client_pause{};
};

struct ClientPlan {
  std::size_t queue_frames = 0, queue_bytes = 0;
  std::size_t outgoing_bytes = 0;
  std::size_t window_frames = 0, window_bytes = 0;
  std::chrono::milliseconds delivery_timeout{};
  Duration between_operations{};
  Duration reading{};           ///< for each frame; zero: reads at once
  double reader_stops = 0;      ///< after a frame: the chance that the reader stops for a while
  Duration reader_stops_for{};  ///< the mean
  double topic_operations = 0;  ///< their share
  std::size_t largest_burst = 1;
};

struct Plan {
  std::uint64_t seed = 0;
  BrokerConfig broker;
  NetworkPlan network;
  FaultPlan faults;
  std::vector<ClientPlan> clients;
  bool secondary = false;  ///< the last client is a secondary of the first
  Duration busy{};         ///< how long clients talk and things go wrong
  std::size_t largest_payload = 0;
};

enum class Weather : std::uint8_t { any, calm };
/// calm: nothing goes wrong but slow readers, delays and full queues.
[[nodiscard]] Plan make_plan(std::uint64_t seed, Weather weather);

}  // namespace busrt::simulation
