#include "round_trip.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "host.hpp"
#include "processes.hpp"
#include "statistics.hpp"
#include "watchdog.hpp"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr int rounds = 5;
constexpr double trips_per_round = 10000;
constexpr std::size_t fewest_trips = 500;
constexpr auto there = "bench/there";
constexpr auto back = "bench/back";

/// Keeps this process and what it starts on the first CPU.
struct Pinned {
  Pinned() { pin_to(0); }
  ~Pinned() { pin_to(-1); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;
};

void wait_until(const std::atomic<std::uint64_t>& counter, std::uint64_t value) {
  while (counter.load() < value) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}

struct Percentiles {
  std::vector<double> p50;
  std::vector<double> p99;
  void add(const std::vector<double>& times) {
    p50.push_back(percentile(times, 0.5));
    p99.push_back(percentile(times, 0.99));
  }
};

std::vector<double> ratios(const std::vector<double>& figures, const std::vector<double>& floors) {
  std::vector<double> result;
  for (std::size_t i = 0; i < figures.size(); ++i) result.push_back(figures[i] / floors[i]);
  return result;
}

}  // namespace

std::vector<double> published_round_trips(const Peer& peer, std::size_t payload_bytes, std::size_t count) {
  const Watchdog watchdog(watchdog_seconds);
  const auto broker = peer.start();
  const SharedMemory shared;
  const auto publication = [payload_bytes](const char* topic) {
    return Publication{.topic = topic, .payload_bytes = payload_bytes, .batch = 1, .urgent = true};
  };
  // Both subscribe before either publishes: nobody may miss the first message.
  const Child echo([&] {
    const auto subscriber = broker->subscriber("echo.in", there);
    shared->ready.store(1);
    wait_until(shared->go, 1);
    const auto publisher = broker->publisher("echo.out", publication(back));
    shared->ready.store(2);
    for (std::uint64_t answered = 0;;) {
      for (const std::uint64_t have = subscriber->receive(); answered < have; ++answered)
        publisher->publish(answered, 1);
    }
  });
  wait_until(shared->ready, 1);
  const auto subscriber = broker->subscriber("caller.in", back);
  shared->go.store(1);
  const auto publisher = broker->publisher("caller.out", publication(there));
  wait_until(shared->ready, 2);
  std::vector<double> times;
  times.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = Clock::now();
    publisher->publish(i, 1);
    subscriber->receive();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  return times;
}

void measure_round_trips(const std::string& name, Connections connections, std::size_t payload_bytes,
                         const RoundTrips& round_trips, double scale, const Results& results) {
  const auto count = std::max(fewest_trips, static_cast<std::size_t>(trips_per_round * scale));
  const Pinned pinned;
  Percentiles floor;
  Percentiles figures;
  for (int i = 0; i < rounds; ++i) {
    floor.add(relay_round_trips(connections, payload_bytes, count));
    figures.add(round_trips(count));
  }
  const auto p50_ratio = ratios(figures.p50, floor.p50);
  const auto p99_ratio = ratios(figures.p99, floor.p99);
  results.record(name, "p50_us", figures.p50);
  results.record(name, "p99_us", figures.p99);
  results.record(name, "p50_ratio", p50_ratio);
  results.record(name, "p99_ratio", p99_ratio);
  results.record(name, "relay_p50_us", floor.p50);
  results.record(name, "relay_p99_us", floor.p99);
  results.print(name,
                fmt::format("{:>9.2f} us p50 {:>8.2f} us p99   {:.2f} / {:.2f} x relay ({:.2f}, {:.2f} us)",
                            median(figures.p50), median(figures.p99), median(p50_ratio), median(p99_ratio),
                            median(floor.p50), median(floor.p99)));
}

}  // namespace bench
