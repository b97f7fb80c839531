#include "capacity.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include "host.hpp"
#include "processes.hpp"
#include "watchdog.hpp"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t idle_clients = 10000;
/// Descriptors of either side besides the connections.
constexpr std::size_t spare_descriptors = 100;
/// Looks at the broker's memory during the steady load.
constexpr int steady_samples = 20;

constexpr double steady_bytes_per_second = 24e6;
constexpr std::size_t steady_payload_bytes = 1000;
constexpr auto steady_tick = std::chrono::milliseconds(1);
/// Until the broker has allocated what the load needs.
constexpr auto steady_warm_up = std::chrono::seconds(2);

/// Publishes at the steady rate until `end`, in one batch a tick; returns the messages so far.
std::uint64_t publish_steadily(Publisher& publisher, std::size_t batch, std::uint64_t sent,
                               Clock::time_point end) {
  for (auto next = Clock::now(); next < end; next += steady_tick) {
    std::this_thread::sleep_until(next);
    publisher.publish(sent, batch);
    sent += batch;
  }
  return sent;
}

}  // namespace

void measure_idle_connections(const BusPeer& peer, double scale, const Results& results) {
  const std::string name = "idle connections";
  const Watchdog watchdog(watchdog_seconds);
  const auto wanted = static_cast<std::size_t>(static_cast<double>(idle_clients) * std::min(scale, 1.0));
  const std::size_t files = raise_open_files(wanted + spare_descriptors);
  const std::size_t count = std::min(wanted, files - spare_descriptors);
  // Nobody is to be thrown out for its silence while the others connect.
  const auto broker =
      peer.start_bus({"-t", "3600", "--max-connections", std::to_string(count + spare_descriptors)});
  std::vector<std::unique_ptr<BusClient>> clients;
  const double before = resident_bytes(broker->pid());
  const auto start = Clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<BusClient>(broker->endpoint(), fmt::format("idle{}", i)));
  }
  const double microseconds = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
  const double each = (resident_bytes(broker->pid()) - before) / static_cast<double>(count);
  results.record(name, "connections", {static_cast<double>(count)});
  results.record(name, "bytes_each", {each});
  results.record(name, "connect_us", {microseconds / static_cast<double>(count)});
  results.print(name, fmt::format("{:>9.2f} KiB each of {} connections, {:.1f} us to connect", each / 1024,
                                  count, microseconds / static_cast<double>(count)));
}

void measure_steady_load(const BusPeer& peer, double seconds, const Results& results) {
  const std::string name = "steady load";
  const Watchdog watchdog(watchdog_seconds + static_cast<unsigned>(seconds));
  // A subscriber that only reads is silent in the broker's eyes.
  const auto broker = peer.start_bus({"-t", "3600"});
  const SharedMemory shared;
  Child reader([&] {
    const auto subscriber = broker->subscriber("subscriber", "bench/topic");
    shared->ready.store(1);
    for (;;) shared->received[0].store(subscriber->receive());
  });
  while (shared->ready.load() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  const auto batch =
      static_cast<std::size_t>(steady_bytes_per_second / static_cast<double>(steady_payload_bytes) *
                               std::chrono::duration<double>(steady_tick).count());
  const auto publisher = broker->publisher(
      "publisher", {.topic = "bench/topic", .payload_bytes = steady_payload_bytes, .batch = batch});
  std::uint64_t sent = publish_steadily(*publisher, batch, 0, Clock::now() + steady_warm_up);
  const double memory_before = resident_bytes(broker->pid());
  const double cpu_before = cpu_seconds(broker->pid());
  const std::uint64_t sent_before = sent;
  const auto start = Clock::now();
  double most = memory_before;
  for (int sample = 1; sample <= steady_samples; ++sample) {
    const std::chrono::duration<double> until(seconds * sample / steady_samples);
    sent =
        publish_steadily(*publisher, batch, sent, start + std::chrono::duration_cast<Clock::duration>(until));
    const double memory = resident_bytes(broker->pid());
    most = std::max(most, memory);
    results.record(fmt::format("steady memory: {:.0f}", until.count()), "bytes", {memory});
  }
  const double lasted = std::chrono::duration<double>(Clock::now() - start).count();
  const double memory_after = resident_bytes(broker->pid());
  const double cpu = (cpu_seconds(broker->pid()) - cpu_before) / lasted;
  // What is under way has to arrive; the watchdog ends a wait for what is lost.
  while (shared->received[0].load() < sent) {
    if (reader.ended()) throw std::runtime_error("a subscriber did not get every message");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const double rate = static_cast<double>((sent - sent_before) * steady_payload_bytes) / lasted;
  results.record(name, "seconds", {lasted});
  results.record(name, "bytes_per_second", {rate});
  results.record(name, "memory_at_start", {memory_before});
  results.record(name, "memory_at_end", {memory_after});
  results.record(name, "memory_at_most", {most});
  results.record(name, "cpu_share", {cpu});
  results.print(
      name,
      fmt::format(
          "{:>9.1f} MB/s for {:.0f} s: {:.0f} KiB at the start, {:.0f} KiB at the end, {:.0f} KiB at most, "
          "{:.1f} % CPU",
          rate / 1e6, lasted, memory_before / 1024, memory_after / 1024, most / 1024, cpu * 100));
}

std::vector<Measurement> capacity_measurements(const BusPeer& peer, const Options& options,
                                               const Results& results) {
  return {
      {"idle connections", [&, scale = options.scale] { measure_idle_connections(peer, scale, results); }},
      {"subscription table",
       [&, scale = options.scale] { measure_subscription_table(peer, scale, results); }},
      {"steady load",
       [&, seconds = options.steady_seconds] { measure_steady_load(peer, seconds, results); }}};
}

}  // namespace bench
