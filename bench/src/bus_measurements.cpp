#include "bus_measurements.hpp"

#include <chrono>
#include <thread>

#include "processes.hpp"
#include "round_trip.hpp"
#include "watchdog.hpp"
#include "wire/codec.hpp"
#include "wire/rpc_frame.hpp"

namespace bench {

namespace {

using busrt::FrameKind;
using busrt::Op;
using busrt::QoS;
using Clock = std::chrono::steady_clock;

constexpr std::size_t payload_bytes = 100;

busrt::base::ByteBuffer message_frame(std::string_view target, QoS qos,
                                      std::span<const std::byte> prefix = {}) {
  const std::vector<std::byte> payload(payload_bytes);
  busrt::base::ByteBuffer frame;
  busrt::wire::append_request(frame, 1, Op::message, qos, target, {}, prefix, payload);
  return frame;
}

/// Writes the frame and waits for a message, again and again.
std::vector<double> call_times(BusClient& client, const busrt::base::ByteBuffer& frame, std::size_t count) {
  std::vector<double> times;
  times.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = Clock::now();
    client.write(frame.data());
    client.wait_for(FrameKind::message);
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  return times;
}

std::vector<double> message_round_trips(const BusPeer& peer, QoS qos, std::size_t count) {
  const Watchdog watchdog(watchdog_seconds);
  const auto broker = peer.start_bus({});
  const SharedMemory shared;
  const Child echo([&] {
    BusClient client(broker->endpoint(), "echo");
    const auto frame = message_frame("caller", qos);
    shared->ready.store(1);
    for (;;) {
      client.wait_for(FrameKind::message);
      client.write(frame.data());
    }
  });
  while (shared->ready.load() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  BusClient client(broker->endpoint(), "caller");
  return call_times(client, message_frame("echo", qos), count);
}

std::vector<double> rpc_calls(const BusPeer& peer, std::size_t count) {
  const Watchdog watchdog(watchdog_seconds);
  const auto broker = peer.start_bus({});
  BusClient client(broker->endpoint(), "caller");
  busrt::base::ByteBuffer header;
  busrt::wire::append_rpc_request_header(header, 1, "benchmark.test");
  return call_times(client, message_frame(busrt::broker_name, QoS::realtime, header.data()), count);
}

}  // namespace

std::vector<Measurement> bus_measurements(const BusPeer& peer, const Options& options,
                                          const Results& results) {
  std::vector<Measurement> measurements;
  const struct {
    std::string name;
    QoS qos;
  } levels[] = {{"message there and back, QoS no", QoS::no},
                {"message there and back, QoS processed", QoS::processed},
                {"message there and back, QoS realtime", QoS::realtime},
                {"message there and back, QoS realtime-processed", QoS::realtime_processed}};
  const auto add = [&](const std::string& name, const RoundTrips& round_trips) {
    measurements.push_back({name, [=, &results, scale = options.scale] {
                              measure_round_trips(name, Connections::one, payload_bytes, round_trips, scale,
                                                  results);
                            }});
  };
  for (const auto& level : levels) {
    add(level.name,
        [&peer, qos = level.qos](std::size_t count) { return message_round_trips(peer, qos, count); });
  }
  add("rpc call to .broker", [&peer](std::size_t count) { return rpc_calls(peer, count); });
  return measurements;
}

}  // namespace bench
