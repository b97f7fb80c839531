#include "plan.hpp"

#include <algorithm>

namespace busrt::simulation {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

BrokerConfig draw_broker(Random& random) {
  BrokerConfig config;
  config.shards = random.between(1, 3);
  config.queue_frames = random.pick<std::size_t>({3, 16, 64, 8192});
  config.queue_bytes = random.pick<std::size_t>({2048, 32U << 10, 32U << 20});
  config.timeout = random.pick({milliseconds(600), milliseconds(1500), milliseconds(5000)});
  config.stall_limit = random.pick({milliseconds(200), milliseconds(1000), milliseconds(4000)});
  const std::size_t rule = random.below(10);
  config.slow_consumer = rule == 0   ? SlowConsumer::disconnect
                         : rule <= 2 ? SlowConsumer::drop
                                     : SlowConsumer::wait;
  config.force_register = random.chance(0.4);
  return config;
}

NetworkPlan draw_network(Random& random) {
  NetworkPlan plan;
  plan.pipe_bytes = random.pick<std::size_t>({300, 4096, 64U << 10});
  plan.flying_bytes = random.pick<std::size_t>({200, 4096, 64U << 10});
  plan.largest_chunk = random.pick<std::size_t>({9, 100, 1500, 64U << 10});
  plan.delay = random.pick<Duration>({0ms, 1ms, 10ms, 30ms});
  plan.jitter = random.pick<Duration>({0ms, 1ms, 15ms});
  return plan;
}

Duration perhaps(Random& random, double probability, Duration least, Duration most) {
  if (!random.chance(probability)) return {};
  return least +
         Duration(static_cast<Duration::rep>(random.below(static_cast<std::size_t>((most - least).count()))));
}

FaultPlan draw_faults(Random& random) {
  FaultPlan plan;
  plan.cut = perhaps(random, 0.7, 100ms, 2s);
  plan.stall = perhaps(random, 0.4, 300ms, 3s);
  plan.refuse = perhaps(random, 0.2, 500ms, 3s);
  plan.client_crash = perhaps(random, 0.3, 500ms, 4s);
  plan.client_leave = perhaps(random, 0.3, 500ms, 4s);
  plan.broker_crash = perhaps(random, 0.2, 1s, 4s);
  plan.broker_restart = perhaps(random, 0.2, 1s, 4s);
  plan.shard_pause = perhaps(random, 0.3, 200ms, 2s);
  plan.client_pause = perhaps(random, 0.3, 200ms, 2s);
  return plan;
}

ClientPlan draw_client(Random& random) {
  ClientPlan plan;
  plan.queue_frames = random.pick<std::size_t>({1, 8, 100, 65536});
  plan.queue_bytes = random.pick<std::size_t>({500, 64U << 10, 64U << 20});
  plan.outgoing_bytes = random.pick<std::size_t>({100, 4096, 4U << 20});
  plan.window_frames = random.pick<std::size_t>({1, 4, 64, 8192});
  plan.window_bytes = random.pick<std::size_t>({400, 16U << 10, 16U << 20});
  plan.delivery_timeout =
      random.pick({milliseconds(300), milliseconds(2000), milliseconds(8000), milliseconds(30000)});
  plan.between_operations = random.pick<Duration>({5ms, 20ms, 60ms, 300ms});
  plan.reading = random.pick<Duration>({0ms, 0ms, 0ms, 2ms, 20ms});
  plan.reader_stops = random.pick({0.0, 0.0, 0.01, 0.05});
  plan.reader_stops_for = random.pick<Duration>({300ms, 2s});
  plan.topic_operations = random.pick({0.0, 0.02, 0.2});
  plan.largest_burst = random.pick<std::size_t>({1, 1, 5, 40});
  return plan;
}

}  // namespace

Plan make_plan(std::uint64_t seed, Weather weather) {
  Random random(seed ^ 0x5EED5EED5EED5EEDU);
  Plan plan;
  plan.seed = seed;
  plan.broker = draw_broker(random);
  plan.network = draw_network(random);
  // One seed in six has fine weather, so that what is exact only then is looked at as well.
  if (!random.chance(1.0 / 6) && weather == Weather::any) plan.faults = draw_faults(random);
  const std::size_t clients = random.between(2, 6);
  for (std::size_t i = 0; i < clients; ++i) plan.clients.push_back(draw_client(random));
  plan.secondary = random.chance(0.2);
  plan.busy = milliseconds(random.between(400, 2000));
  // What flies at a time is what goes in one delay; a frame must not take minutes.
  plan.largest_payload =
      std::min(random.pick<std::size_t>({20, 200, 6000, 70000}), plan.network.flying_bytes * 10);
  return plan;
}

}  // namespace busrt::simulation
