// Would io_uring make operations with acks cheaper than epoll does? Measures what the kernel alone costs,
// with either, in paired rounds (docs/adr/0011).
#include <fmt/core.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "ack_load.hpp"
#include "host.hpp"
#include "options.hpp"
#include "processes.hpp"
#include "results.hpp"
#include "statistics.hpp"
#include "watchdog.hpp"

namespace {

using bench::IoKind;

constexpr auto usage = "uring_floor [--scale X] [--only WORDS | --measure NAME] [--list] [--record FILE]";
constexpr int rounds = 15;
constexpr double run_seconds = 1;
constexpr std::chrono::milliseconds warm_up{50};
// About what busrtd and the clients of `busrt benchmark` do for an operation beside system calls.
constexpr std::chrono::nanoseconds broker_work{800};
constexpr std::chrono::nanoseconds client_work{1500};
constexpr unsigned watchdog_seconds = 60;

/// Which CPUs the server and its clients have.
struct Place {
  const char* name;
  int server_cpu;  // -1: any
  int client_cpu;
};
constexpr std::array places{Place{"two CPUs", 0, 1}, Place{"one CPU", 0, 0}, Place{"any CPU", -1, -1}};

struct Load {
  std::size_t connections;
  std::size_t window;  // requests that each client keeps unanswered
  bench::Waiting waiting;
  Place place;
  std::chrono::nanoseconds server_work{0};
  std::chrono::nanoseconds client_work{0};
};

struct Way {
  const char* name;
  IoKind server;
  IoKind clients;
  bool looks_first = false;
};
/// The first is what the others are held against.
constexpr std::array ways{
    Way{"epoll", IoKind::epoll, IoKind::epoll},
    Way{"epoll, looks before yield", IoKind::epoll, IoKind::epoll, true},
    Way{"epoll, sends by io_uring", IoKind::epoll_sends, IoKind::epoll},
    Way{"io_uring", IoKind::ring, IoKind::epoll},
    Way{"io_uring, COOP_TASKRUN", IoKind::ring_coop, IoKind::epoll},
    Way{"epoll, clients io_uring", IoKind::epoll, IoKind::ring},
    Way{"io_uring, clients io_uring", IoKind::ring, IoKind::ring},
};

class Sockets {
 public:
  explicit Sockets(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      std::array<int, 2> ends{};
      if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
        throw std::system_error(errno, std::generic_category(), "socketpair");
      }
      of_server.push_back(ends[0]);
      of_clients.push_back(ends[1]);
    }
  }
  ~Sockets() {
    close(of_server);
    close(of_clients);
  }
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;
  static void close(std::vector<int>& sockets) {
    for (const int socket : sockets) ::close(socket);
    sockets.clear();
  }
  std::vector<int> of_server;
  std::vector<int> of_clients;
};

void run_server(Sockets& sockets, const Load& load, const Way& way, bench::Shared& shared) {
  bench::pin_to(load.place.server_cpu);
  Sockets::close(sockets.of_clients);
  // A broker has other threads, which makes each use of a descriptor a little dearer.
  std::thread([] { ::pause(); }).detach();
  bench::serve_acks(sockets.of_server, {way.server, load.waiting, way.looks_first, load.server_work},
                    shared.received[0]);
}

struct Figures {
  double rate;  // operations a second
  double server_us;
  double clients_us;
  double batch;  // operations to a batch of the server
  double p50_us;
  double p99_us;
};

Figures measure_once(const Load& load, const Way& way, double scale) {
  const bench::Watchdog watchdog(watchdog_seconds);
  Sockets sockets(load.connections);
  const bench::SharedMemory shared;
  const bench::Child server([&] { run_server(sockets, load, way, *shared); });
  Sockets::close(sockets.of_server);
  bench::pin_to(load.place.client_cpu);
  bench::AckClients clients(sockets.of_clients, {way.clients, load.window, load.client_work});
  static_cast<void>(clients.run(warm_up));
  const auto batches_before = shared->received[0].load();
  const double server_before = bench::cpu_seconds(server.pid());
  const double clients_before = bench::cpu_seconds(::getpid());
  const auto run = clients.run(std::chrono::duration<double>(run_seconds * scale));
  const auto operations = static_cast<double>(run.operations);
  return {.rate = operations / run.seconds,
          .server_us = (bench::cpu_seconds(server.pid()) - server_before) / operations * 1e6,
          .clients_us = (bench::cpu_seconds(::getpid()) - clients_before) / operations * 1e6,
          .batch = operations / static_cast<double>(shared->received[0].load() - batches_before),
          .p50_us = bench::percentile(run.round_trips, 0.5),
          .p99_us = bench::percentile(run.round_trips, 0.99)};
}

struct Metric {
  const char* name;
  double Figures::* figure;
};
constexpr std::array metrics{Metric{"rate", &Figures::rate},
                             Metric{"server_us", &Figures::server_us},
                             Metric{"clients_us", &Figures::clients_us},
                             Metric{"batch", &Figures::batch},
                             Metric{"p50_us", &Figures::p50_us},
                             Metric{"p99_us", &Figures::p99_us}};

std::vector<double> column(const std::vector<Figures>& figures, const Metric& metric) {
  std::vector<double> values;
  for (const Figures& each : figures) values.push_back(each.*metric.figure);
  return values;
}

/// Of each round, how many times the first way's figure.
std::vector<double> ratios(const std::vector<double>& values, const std::vector<double>& first) {
  std::vector<double> result;
  for (std::size_t i = 0; i < values.size(); ++i) result.push_back(values[i] / first[i]);
  return result;
}

void report(const std::string& name, const Way& way, const std::vector<Figures>& figures,
            const std::vector<Figures>& first, const bench::Results& to) {
  const bench::Results results = to.labelled(way.name);
  std::string line;
  for (const Metric& metric : metrics) {
    const auto values = column(figures, metric);
    const auto times = ratios(values, column(first, metric));
    results.record(name, metric.name, values);
    results.record(name, std::string(metric.name) + "_ratio", times);
    line += fmt::format("  {} {:.4g} {:.2f} [{:.2f} {:.2f}]", metric.name, bench::median(values),
                        bench::median(times), bench::percentile(times, 0.25), bench::percentile(times, 0.75));
  }
  fmt::print("  {:<27}{}\n", way.name, line);
}

/// Each round measures every way, every second one in reverse order.
void measure(const std::string& name, const Load& load, double scale, const bench::Results& results) {
  std::array<std::vector<Figures>, ways.size()> figures;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < ways.size(); ++i) {
      const std::size_t way = round % 2 == 0 ? i : ways.size() - 1 - i;
      figures[way].push_back(measure_once(load, ways[way], scale));
    }
  }
  fmt::print("{}\n", name);
  for (std::size_t i = 0; i < ways.size(); ++i) report(name, ways[i], figures[i], figures[0], results);
  std::fflush(stdout);
}

std::string name_of(const Load& load) {
  return fmt::format("{} clients, {} in flight, server {}, {}{}", load.connections, load.window,
                     load.waiting == bench::Waiting::sleeps ? "sleeps" : "waits as the broker",
                     load.place.name, load.server_work.count() == 0 ? "" : ", work");
}

std::vector<Load> all_loads() {
  using bench::Waiting;
  std::vector<Load> loads;
  for (const std::size_t connections : {1U, 4U, 8U, 16U, 64U}) {
    for (const Place& place : places) {
      loads.push_back({connections, 1, Waiting::as_the_broker, place, broker_work, client_work});
      for (const std::size_t window : {1U, 32U}) {
        for (const auto waiting : {Waiting::as_the_broker, Waiting::sleeps}) {
          loads.push_back({connections, window, waiting, place});
        }
      }
    }
  }
  return loads;
}

std::vector<bench::Measurement> all_measurements(const bench::Options& options,
                                                 const bench::Results& results) {
  std::vector<bench::Measurement> measurements;
  for (const Load& load : all_loads()) {
    const std::string name = name_of(load);
    measurements.push_back(
        {name, [=, &results, scale = options.scale] { measure(name, load, scale, results); }});
  }
  return measurements;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bench::Options options = bench::parse_options(argc, argv, usage);
    if (!options.words.empty()) throw std::runtime_error(std::string("usage: ") + usage);
    const bench::Results results("uring_floor", options.record);
    return bench::run_measurements(all_measurements(options, results), options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "uring_floor: {}\n", error.what());
    return 1;
  }
}
