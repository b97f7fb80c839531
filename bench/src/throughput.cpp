#include "throughput.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "host.hpp"
#include "processes.hpp"
#include "statistics.hpp"
#include "watchdog.hpp"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

/// Messages that a publisher may be ahead of the slowest subscriber: half the reference broker's default
/// queue, so that no broker has a reason to lose anything.
constexpr std::uint64_t max_lead = 4096;
/// What a batching publisher hands over at a time.
constexpr std::size_t batch_bytes = 64U << 10;
/// About what a protocol adds to a payload.
constexpr std::size_t overhead_bytes = 30;
constexpr int runs = 5;

void subscribe_and_count(Broker& broker, const Shape& shape, std::size_t index, std::uint64_t messages,
                         Shared& shared) {
  try {
    const auto subscriber = broker.subscriber(fmt::format("subscriber{}", index),
                                              shape.topics > 1 ? shape.topic + "/+" : shape.topic);
    shared.ready.fetch_add(1);
    for (std::uint64_t have = 0; have < messages;) {
      have = subscriber->receive();
      shared.received[index].store(have, std::memory_order_release);
    }
  } catch (...) {
    shared.failed.fetch_add(1);
    throw;
  }
}

void check_roles(const Shared& shared) {
  if (shared.failed.load() != 0) throw std::runtime_error("a subscriber did not get every message");
}

std::uint64_t slowest(const Shared& shared, std::size_t subscribers) {
  std::uint64_t least = shared.received[0].load(std::memory_order_acquire);
  for (std::size_t i = 1; i < subscribers; ++i) {
    least = std::min(least, shared.received[i].load(std::memory_order_acquire));
  }
  return least;
}

void publish_all(Publisher& publisher, const Publication& publication, std::uint64_t messages,
                 std::size_t subscribers, const Shared& shared) {
  for (std::uint64_t sent = 0; sent < messages;) {
    while (sent - slowest(shared, subscribers) > max_lead) {
      check_roles(shared);
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(publication.batch, messages - sent));
    publisher.publish(sent, count);
    sent += count;
  }
}

}  // namespace

Throughput throughput_run(const Peer& peer, const Shape& shape, std::uint64_t messages) {
  const Watchdog watchdog(watchdog_seconds);
  const auto broker = peer.start();
  const SharedMemory shared;
  std::vector<Child> subscribers;
  for (std::size_t i = 0; i < shape.subscribers; ++i) {
    subscribers.emplace_back([&, i] { subscribe_and_count(*broker, shape, i, messages, *shared); });
  }
  while (shared->ready.load() < shape.subscribers) {
    check_roles(*shared);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const Publication publication{
      .topic = shape.topic,
      .payload_bytes = shape.payload_bytes,
      .batch =
          shape.batched ? std::max<std::size_t>(1, batch_bytes / (overhead_bytes + shape.payload_bytes)) : 1,
      .topics = shape.topics};
  const auto publisher = broker->publisher("publisher", publication);
  const double cpu_before = cpu_seconds(broker->pid());
  const auto start = Clock::now();
  publish_all(*publisher, publication, messages, shape.subscribers, *shared);
  bool complete = true;
  for (Child& subscriber : subscribers) complete &= subscriber.wait();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (!complete) throw std::runtime_error("a subscriber did not get every message");
  const auto delivered = static_cast<double>(messages * shape.subscribers);
  return {delivered / seconds, (cpu_seconds(broker->pid()) - cpu_before) / delivered * 1e6};
}

void measure_throughput(const Peer& peer, const Shape& shape, double scale, const Results& results) {
  if (!shape.batched && !peer.writes_when_told()) {
    results.print(shape.name, "        -  (the client library batches on its own)");
    return;
  }
  // A short run tells how many messages make a long one, for brokers as fast and as slow as they come.
  const auto few = static_cast<std::uint64_t>(shape.payload_bytes > 1000 ? 5000 : 50000) / shape.subscribers;
  const double rate = throughput_run(peer, shape, few).deliveries_per_second;
  const auto messages =
      std::max(few, static_cast<std::uint64_t>(rate * scale / static_cast<double>(shape.subscribers)));
  std::vector<double> rates;
  std::vector<double> cpu;
  for (int i = 0; i < runs; ++i) {
    const auto run = throughput_run(peer, shape, messages);
    rates.push_back(run.deliveries_per_second);
    cpu.push_back(run.broker_cpu_us);
  }
  results.record(shape.name, "deliveries_per_second", rates);
  results.record(shape.name, "broker_cpu_us", cpu);
  results.print(shape.name,
                fmt::format("{:>9.2f} M/s   {:>6.3f} us broker CPU each", median(rates) / 1e6, median(cpu)));
}

}  // namespace bench
