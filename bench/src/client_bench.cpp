// client_bench: the whole way through our own client library, in one process, over unix sockets and
// in-process.
//
//   client_bench [--label NAME] [--scale X] [--only WORDS | --measure NAME] [--record FILE] [--list]
//
// A publisher with try_send, a subscriber with receive_some, an embedded broker; then round trips of the same
// two clients.
#include <fmt/core.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "busrt/broker.hpp"
#include "busrt/client.hpp"
#include "host.hpp"
#include "options.hpp"
#include "results.hpp"
#include "statistics.hpp"
#include "temporary_directory.hpp"

namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
constexpr int runs = 5;
constexpr std::size_t payload_bytes = 100;

template <class T>
T value_or_throw(busrt::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().describe());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

asio::awaitable<void> subscribe_and_count(busrt::Client& client, std::uint64_t frames) {
  std::uint64_t next = 0;
  while (next < frames) {
    for (const busrt::Frame& frame : value_or_throw(co_await client.receive_some())) {
      std::uint64_t sequence = 0;
      std::memcpy(&sequence, frame.payload().data(), sizeof sequence);
      if (sequence != next++) throw std::runtime_error("a frame is missing or out of order");
    }
  }
}

asio::awaitable<void> publish(busrt::Client& client, std::uint64_t frames) {
  std::vector<std::byte> payload(payload_bytes);
  for (std::uint64_t sequence = 0; sequence < frames;) {
    std::memcpy(payload.data(), &sequence, sizeof sequence);
    if (client.try_send(busrt::Op::publish, "bench/topic", payload)) {
      ++sequence;
    } else {
      value_or_throw(co_await client.wait_writable());
    }
  }
}

asio::awaitable<void> prepare(busrt::Client& client, std::string pattern) {
  value_or_throw(co_await client.connect());
  if (!pattern.empty()) value_or_throw(co_await client.subscribe({pattern}));
}

asio::awaitable<void> echo(busrt::Client& client) {
  for (;;) {
    auto frame = co_await client.receive();
    if (!frame) co_return;
    if (!co_await client.send("caller", frame->payload(), busrt::QoS::realtime)) co_return;
  }
}

asio::awaitable<void> call(busrt::Client& client, std::size_t count, std::vector<double>& times) {
  const std::vector<std::byte> payload(payload_bytes);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = Clock::now();
    value_or_throw(co_await client.send("echo", payload, busrt::QoS::realtime));
    value_or_throw(co_await client.receive());
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
}

/// An io_context that runs on a thread of its own until the end.
class Loop {
 public:
  Loop() : thread_([this] { context_.run(); }) {}
  ~Loop() {
    work_.reset();
    context_.stop();
    thread_.join();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;
  asio::io_context& context() { return context_; }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  std::thread thread_;
};

busrt::ClientConfig config(std::string name, const std::string& socket,
                           const busrt::LocalEndpoint& endpoint) {
  busrt::ClientConfig result{.name = std::move(name), .address = socket};
  result.endpoint = endpoint;
  return result;
}

double throughput(const std::string& socket, bool inproc, std::uint64_t frames) {
  busrt::Broker broker;
  value_or_throw(broker.listen(socket));
  const auto endpoint = inproc ? broker.local() : busrt::LocalEndpoint();
  Loop publishing;
  Loop subscribing;
  busrt::Client publisher(publishing.context().get_executor(), config("publisher", socket, endpoint));
  busrt::Client subscriber(subscribing.context().get_executor(), config("subscriber", socket, endpoint));
  asio::co_spawn(subscribing.context(), prepare(subscriber, "bench/topic"), asio::use_future).get();
  asio::co_spawn(publishing.context(), prepare(publisher, ""), asio::use_future).get();
  const auto start = Clock::now();
  auto counted =
      asio::co_spawn(subscribing.context(), subscribe_and_count(subscriber, frames), asio::use_future);
  asio::co_spawn(publishing.context(), publish(publisher, frames), asio::use_future).get();
  counted.get();
  return static_cast<double>(frames) / std::chrono::duration<double>(Clock::now() - start).count();
}

std::vector<double> round_trips(const std::string& socket, bool inproc, std::size_t count) {
  busrt::Broker broker;
  value_or_throw(broker.listen(socket));
  const auto endpoint = inproc ? broker.local() : busrt::LocalEndpoint();
  Loop left;
  Loop right;
  busrt::Client caller(left.context().get_executor(), config("caller", socket, endpoint));
  busrt::Client answerer(right.context().get_executor(), config("echo", socket, endpoint));
  asio::co_spawn(left.context(), prepare(caller, ""), asio::use_future).get();
  asio::co_spawn(right.context(), prepare(answerer, ""), asio::use_future).get();
  auto echoing = asio::co_spawn(right.context(), echo(answerer), asio::use_future);
  std::vector<double> times;
  asio::co_spawn(left.context(), call(caller, count, times), asio::use_future).get();
  asio::co_spawn(right.context(), answerer.disconnect(), asio::use_future).get();
  echoing.get();
  return times;
}

void measure_throughput(const std::string& name, bool inproc, double scale, const bench::Results& results) {
  const bench::TemporaryDirectory directory;
  std::vector<double> rates;
  for (int i = 0; i < runs; ++i) {
    rates.push_back(throughput(directory.file("bus.sock"), inproc, static_cast<std::uint64_t>(5e6 * scale)));
  }
  results.record(name, "deliveries_per_second", rates);
  results.print(name, fmt::format("{:>9.2f} M/s", bench::median(rates) / 1e6));
}

void measure_round_trips(const std::string& name, bool inproc, double scale, const bench::Results& results) {
  const bench::TemporaryDirectory directory;
  bench::pin_to(0);
  std::vector<double> p50;
  std::vector<double> p99;
  for (int i = 0; i < runs; ++i) {
    const auto times =
        round_trips(directory.file("bus.sock"), inproc, static_cast<std::size_t>(10000 * scale));
    p50.push_back(bench::percentile(times, 0.5));
    p99.push_back(bench::percentile(times, 0.99));
  }
  bench::pin_to(-1);
  results.record(name, "p50_us", p50);
  results.record(name, "p99_us", p99);
  results.print(name, fmt::format("{:>9.2f} us p50 {:>8.2f} us p99", bench::median(p50), bench::median(p99)));
}

std::vector<bench::Measurement> measurements(const bench::Options& options, const bench::Results& results) {
  std::vector<bench::Measurement> all;
  for (const bool inproc : {false, true}) {
    const std::string name =
        inproc ? "publish 1 to 1, 100 B, in-process" : "publish 1 to 1, 100 B, unix, own client";
    all.push_back(
        {name, [=, &results, scale = options.scale] { measure_throughput(name, inproc, scale, results); }});
  }
  for (const bool inproc : {false, true}) {
    const std::string name =
        inproc ? "round trip, realtime, in-process" : "round trip, realtime, unix, own client";
    all.push_back(
        {name, [=, &results, scale = options.scale] { measure_round_trips(name, inproc, scale, results); }});
  }
  return all;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    bench::Options options = bench::parse_options(
        argc, argv,
        "client_bench [--label NAME] [--scale X] [--only WORDS | --measure NAME] [--record FILE] [--list]");
    if (options.label.empty()) options.label = "client";
    const bench::Results results(options.label, options.record);
    return bench::run_measurements(measurements(options, results), options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "client_bench: {}\n", error.what());
    return 1;
  }
}
