// The broker inside a program: listening, limits, losses, the end.
#include "busrt/broker.hpp"

#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/blocking_client.hpp"
#include "guide.hpp"

namespace guide {

int embedded_broker(const Place& place) {
  const std::string& address = place.address;
  // [broker]
  busrt::BrokerConfig config;
  config.log = [](auto /*level*/, std::string_view line) { std::clog << line << '\n'; };
  busrt::Broker broker(config);
  if (auto bound = broker.listen(address); !bound) return report(bound.error());

  busrt::BlockingClient inside({.name = "inside", .endpoint = broker.local()});
  if (auto up = inside.connect(); !up) return report(up.error());
  // [/broker]
  busrt::BlockingClient outside({.name = "outside", .address = address});
  if (auto up = outside.connect(); !up) return report(up.error());
  if (auto sent = outside.send("inside", busrt::as_bytes("hello")); !sent) return report(sent.error());
  const auto frame = inside.receive(std::chrono::seconds(30));
  check(frame && frame->sender() == "outside" && frame->text() == "hello",
        "a client outside reaches one inside");

  // [statistics]
  const busrt::BrokerStats stats = broker.stats();
  for (std::size_t cause = 0; cause < busrt::loss_causes; ++cause) {
    if (stats.lost[cause] == 0) continue;
    std::clog << to_string(static_cast<busrt::LossCause>(cause)) << ": " << stats.lost[cause] << " frames\n";
  }
  for (const busrt::ClientInfo& client : broker.clients()) {
    std::clog << client.name << ": " << client.queue << " frames queued, " << client.total_lost()
              << " lost\n";
  }
  // [/statistics]
  check(stats.clients == 2, "statistics count the clients");

  // [shutdown]
  if (auto drained = inside.disconnect(std::chrono::seconds(5)); !drained) return report(drained.error());
  broker.shutdown(std::chrono::seconds(1));
  // [/shutdown]
  check(!outside.publish("news", busrt::as_bytes("late"),
                         {busrt::QoS::processed, std::chrono::milliseconds(50)}),
        "after the end of the broker nothing is acknowledged");
  return 0;
}

int limits(const Place& place) {
  const std::string& address = place.address;
  // [limits]
  busrt::BrokerConfig config;
  config.max_body_bytes = 1U << 20;  // the largest frame
  config.queue_frames = 1024;        // what may wait for one client: frames
  config.queue_bytes = 8U << 20;     // and bytes
  config.slow_consumer = busrt::SlowConsumer::wait;
  config.stall_limit = std::chrono::seconds(5);
  config.max_patterns = 100;  // subscriptions and exclusions of one client
  config.max_connections = 200;
  config.client_memory_bytes = 16U << 20;  // what one client may make the broker hold
  config.memory_bytes = 256U << 20;        // and all of them together
  busrt::Broker broker(config);
  // [/limits]
  if (auto bound = broker.listen(address); !bound) return report(bound.error());
  busrt::ClientConfig client_config{.name = "app", .address = address};
  client_config.max_body_bytes = config.max_body_bytes;
  busrt::BlockingClient client(client_config);
  if (auto up = client.connect(); !up) return report(up.error());

  const std::string large(2U << 20, 'x');
  const auto sent = client.publish("news", busrt::as_bytes(large));
  check(!sent && sent.error().code == busrt::errc::too_large, "a frame over the limit is refused at once");
  std::vector<std::string> patterns;
  for (int i = 0; i <= 100; ++i) patterns.push_back("topic/" + std::to_string(i));
  const auto subscribed = client.subscribe(patterns);
  check(!subscribed && subscribed.error().code == busrt::errc::busy, "patterns over the limit are refused");
  return 0;
}

}  // namespace guide
