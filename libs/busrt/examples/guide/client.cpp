// The blocking client: connections, publications, messages, qualities of service, errors, threads.
#include <array>
#include <atomic>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "guide.hpp"

namespace guide {

int connection(const Place& place) {
  const std::string& address = place.address;
  std::optional<busrt::Broker> broker(std::in_place);
  if (auto bound = broker->listen(address); !bound) return report(bound.error());
  // [connect]
  busrt::ClientConfig config{.name = "app", .address = address};
  config.reconnect.first_connect = std::chrono::minutes(1);  // how long connect() tries; by default once
  config.delivery_timeout = std::chrono::minutes(1);         // deadline of an operation; by default 30 s
  busrt::BlockingClient client(config);
  client.on_state([](const busrt::ConnectionStatus& now) {
    std::clog << to_string(now.state) << ' ' << to_string(now.reason) << ' ' << now.message << '\n';
  });
  if (auto up = client.connect(); !up) return report(up.error());
  if (auto done = client.subscribe({"news/#"}); !done) return report(done.error());
  // [/connect]
  broker.reset();
  broker.emplace();
  if (auto bound = broker->listen(address); !bound) return report(bound.error());
  // [after_restart]
  // The broker has restarted. The publication waits for the new connection; the subscription is there again.
  if (auto sent = client.publish("news/today", busrt::as_bytes("hello")); !sent) return report(sent.error());
  auto frame = client.receive(std::chrono::seconds(30));
  while (frame && frame->topic() == busrt::broker_warn_topic) {  // the broker announced its shutdown
    frame = client.receive(std::chrono::seconds(30));
  }
  if (!frame) return report(frame.error());
  // [/after_restart]
  check(frame->topic() == "news/today" && frame->text() == "hello",
        "a client outlives a restart of its broker");
  check(client.stats().connections == 2, "the second connection is counted");
  return 0;
}

int one_connection(const Place& place) {
  busrt::Broker broker;
  if (auto bound = broker.listen(place.address); !bound) return report(bound.error());
  const std::string& address = place.address;
  // [one_connection]
  busrt::ClientConfig config{.name = "app", .address = address};
  config.reconnect.enabled = false;
  busrt::BlockingClient client(config);
  if (auto up = client.connect(); !up) return report(up.error());
  // [/one_connection]
  check(broker.disconnect("app").has_value(), "the broker can end a connection");
  const auto frame = client.receive(std::chrono::seconds(30));
  check(!frame && frame.error().code == busrt::errc::io, "the end of the connection is errc::io");
  check(client.connect().has_value(), "connect() may be called again");
  return 0;
}

int publish_subscribe(const Place& /*place*/) {
  const busrt::Broker broker;
  busrt::BlockingClient display({.name = "display", .endpoint = broker.local()});
  busrt::BlockingClient sensor({.name = "sensor", .endpoint = broker.local()});
  if (!display.connect() || !sensor.connect()) return 1;
  // [subscribe]
  if (auto done = display.subscribe({"sensors/+/temperature", "alerts/#"}); !done)
    return report(done.error());
  if (auto done = display.exclude({"alerts/test/#"}); !done) return report(done.error());
  // [/subscribe]
  check(sensor.publish("alerts/test/1", busrt::as_bytes("no")).has_value(), "an exclusion is no error");
  // [publish]
  const std::string reading = "21.5";
  if (auto sent = sensor.publish("sensors/hall/temperature", busrt::as_bytes(reading)); !sent) {
    return report(sent.error());
  }
  // [/publish]
  // [receive]
  auto frame = display.receive(std::chrono::seconds(30));
  if (!frame) return report(frame.error());
  std::cout << frame->sender() << ' ' << frame->topic() << ' ' << frame->text() << '\n';
  // [/receive]
  check(frame->kind() == busrt::FrameKind::publish && frame->topic() == "sensors/hall/temperature",
        "what is excluded does not arrive, what is subscribed does");
  const auto none = display.receive(std::chrono::milliseconds(1));
  check(!none && none.error().code == busrt::errc::timeout, "receive() ends by its deadline");
  return 0;
}

int one_to_one(const Place& /*place*/) {
  const busrt::Broker broker;
  busrt::BlockingClient app({.name = "app", .endpoint = broker.local()});
  busrt::BlockingClient worker({.name = "worker.1", .endpoint = broker.local()});
  if (!app.connect() || !worker.connect()) return 1;
  // [send]
  if (auto sent = app.send("worker.1", busrt::as_bytes("job")); !sent) return report(sent.error());
  if (auto sent = app.broadcast("worker.*", busrt::as_bytes("pause")); !sent) return report(sent.error());

  auto nowhere = app.send("worker.2", busrt::as_bytes("job"));
  if (!nowhere && nowhere.error().code == busrt::errc::not_registered) std::clog << "there is no worker.2\n";
  // [/send]
  check(!nowhere && nowhere.error().code == busrt::errc::not_registered,
        "a name that is not there is an error");
  const auto job = worker.receive(std::chrono::seconds(30));
  const auto pause = worker.receive(std::chrono::seconds(30));
  check(job && job->kind() == busrt::FrameKind::message && job->text() == "job", "a message arrives");
  check(pause && pause->kind() == busrt::FrameKind::broadcast && pause->text() == "pause",
        "a broadcast arrives");
  check(app.broadcast("nobody.*", busrt::as_bytes("pause")).has_value(),
        "a broadcast without receivers is ok");
  return 0;
}

int qualities(const Place& /*place*/) {
  busrt::BrokerConfig broker_config;
  broker_config.queue_frames = 4;
  const busrt::Broker broker(broker_config);
  busrt::ClientConfig full_config{.name = "full", .endpoint = broker.local()};
  full_config.queue_frames = 1;
  busrt::BlockingClient full(full_config);
  busrt::BlockingClient client({.name = "client", .endpoint = broker.local()});
  if (!full.connect() || !client.connect() || !full.subscribe({"frames"})) return 1;

  const std::string image(128U << 10, 'x');
  const auto payload = busrt::as_bytes(image);
  const auto dropped = [&broker] {
    return broker.stats().lost[static_cast<std::size_t>(busrt::LossCause::realtime_queue_full)];
  };
  // `full` takes one frame and then reads no more: its pipe and its queue fill.
  for (int i = 0; i < 10'000 && dropped() == 0; ++i) {
    // [qos]
    auto sent = client.publish("frames", payload, busrt::QoS::realtime_processed);
    // [/qos]
    check(sent.has_value(), "a realtime publication is acknowledged though a receiver is full");
  }
  check(dropped() != 0, "a realtime frame for a full queue is dropped and counted");
  // The receiver's thread may have made room meanwhile, so each of these is tried until there is none.
  busrt::Result<> refused;
  for (int i = 0; i < 10'000 && refused; ++i) {
    refused = client.send("full", payload, busrt::QoS::realtime_processed);
  }
  check(!refused && refused.error().code == busrt::errc::not_delivered,
        "a realtime message is answered not_delivered");
  busrt::Result<> ended;
  for (int i = 0; i < 1000 && ended; ++i) {
    // [deadline]
    auto late = client.publish("frames", payload, {busrt::QoS::processed, std::chrono::milliseconds(100)});
    // [/deadline]
    ended = late;
  }
  check(!ended && (ended.error().code == busrt::errc::timeout || ended.error().code == busrt::errc::not_sent),
        "a full receiver holds a processed frame until the deadline");
  return 0;
}

// [errors]
enum class Reaction : std::uint8_t { mend, send_again, beware_of_duplicates };

Reaction reaction_to(const std::error_code& code) {
  using enum busrt::errc;
  for (const busrt::errc mistake : {data, too_large, access, bad_address, not_supported}) {
    if (code == mistake) return Reaction::mend;  // the same call fails again
  }
  return busrt::may_have_been_delivered(code) ? Reaction::beware_of_duplicates : Reaction::send_again;
}
// [/errors]

int errors(const Place& place) {
  check(reaction_to(busrt::errc::access) == Reaction::mend, "a refusal by rules is final");
  check(reaction_to(busrt::errc::timeout) == Reaction::beware_of_duplicates, "a timeout leaves it open");
  check(reaction_to(busrt::errc::io) == Reaction::beware_of_duplicates, "a broken connection leaves it open");
  for (const auto certain : {busrt::errc::not_sent, busrt::errc::not_connected, busrt::errc::would_block,
                             busrt::errc::not_registered, busrt::errc::not_delivered, busrt::errc::busy}) {
    check(reaction_to(certain) == Reaction::send_again, "these were certainly not delivered");
  }
  busrt::BlockingClient client({.name = "app", .address = place.address});
  const auto up = client.connect();
  check(!up && up.error().describe().contains(place.address), "an error names the address");
  const auto sent = client.publish("news", busrt::as_bytes("x"), {busrt::QoS::no});
  check(!sent && sent.error().code == busrt::errc::not_connected, "a frame without ack needs a connection");
  return 0;
}

int threads(const Place& /*place*/) {
  const busrt::Broker broker;
  busrt::BlockingClient reader({.name = "reader", .endpoint = broker.local()});
  busrt::BlockingClient client({.name = "client", .endpoint = broker.local()});
  if (!reader.connect() || !client.connect() || !reader.subscribe({"work/+"})) return 1;
  constexpr std::size_t frames = 100;
  // [threads]
  std::atomic<std::size_t> failed = 0;
  std::array<std::jthread, 4> workers;
  for (std::size_t worker = 0; worker < workers.size(); ++worker) {
    workers.at(worker) = std::jthread([&client, &failed, topic = "work/" + std::to_string(worker)] {
      for (std::size_t i = 0; i < frames; ++i) {
        if (!client.publish(topic, busrt::as_bytes(std::to_string(i)))) ++failed;
      }
    });
  }
  // [/threads]
  std::array<std::size_t, workers.size()> next{};
  for (std::size_t i = 0; i < frames * workers.size(); ++i) {
    const auto frame = reader.receive(std::chrono::seconds(30));
    if (!frame) return report(frame.error());
    const std::size_t worker = std::stoul(std::string(frame->topic().substr(5)));
    check(frame->text() == std::to_string(next.at(worker)++), "frames of one thread keep their order");
  }
  check(failed == 0, "each is acknowledged");
  return 0;
}

}  // namespace guide
