// client_bench: the whole way through our own client library, in one process, over unix sockets and
// in-process.
//
//   client_bench [--scale X]
//
// A publisher with try_send, a subscriber with receive_some, an embedded broker; then round trips of the same
// two clients.
#include <fmt/core.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "busrt/broker.hpp"
#include "busrt/client.hpp"
#include "raw_client.hpp"

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
  std::ranges::sort(times);
  return times;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const double scale = argc == 3 && std::string_view(argv[1]) == "--scale" ? std::stod(argv[2]) : 1;
    const auto directory =
        std::filesystem::temp_directory_path() / fmt::format("client_bench.{}", ::getpid());
    std::filesystem::create_directories(directory);
    const std::string socket = (directory / "bus.sock").string();
    for (const bool inproc : {false, true}) {
      std::vector<double> rates;
      for (int i = 0; i < runs; ++i)
        rates.push_back(throughput(socket, inproc, static_cast<std::uint64_t>(5e6 * scale)));
      std::ranges::sort(rates);
      fmt::print("{:<12} {:<44} {:>9.2f} M/s\n", "client",
                 inproc ? "publish 1 to 1, 100 B, in-process" : "publish 1 to 1, 100 B, unix, own client",
                 rates[runs / 2] / 1e6);
      std::fflush(stdout);
    }
    bench::pin_to(0);
    for (const bool inproc : {false, true}) {
      const auto times = round_trips(socket, inproc, static_cast<std::size_t>(20000 * scale));
      fmt::print("{:<12} {:<44} {:>9.2f} us p50 {:>8.2f} us p99\n", "client",
                 inproc ? "round trip, realtime, in-process" : "round trip, realtime, unix, own client",
                 times[times.size() / 2], times[times.size() * 99 / 100]);
    }
    std::filesystem::remove_all(directory);
  } catch (const std::exception& error) {
    fmt::print(stderr, "client_bench: {}\n", error.what());
    return 1;
  }
}
