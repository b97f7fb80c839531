// bus_bench: what a BUS/RT broker costs over unix sockets, beside the kernel's own floors, in one run.
//
//   bus_bench [--label NAME] [--scale X] [--only WORDS] -- BROKER COMMAND with {socket} where its socket path
//   belongs
//
// Without a command only the floors are measured. Each figure is the median of several runs. Latency runs are
// pinned to one CPU; throughput runs bound the publisher's lead so that no broker has a reason to lose
// anything, and every subscriber checks that it got every frame in order.
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "busrt/protocol.hpp"
#include "floors.hpp"
#include "processes.hpp"
#include "raw_client.hpp"
#include "wire/codec.hpp"
#include "wire/rpc_frame.hpp"

namespace {

using bench::Child;
using bench::RawClient;
using busrt::FrameKind;
using busrt::Op;
using busrt::QoS;
using Clock = std::chrono::steady_clock;

/// Frames that a publisher may be ahead of the slowest subscriber: half the reference broker's default queue.
constexpr std::uint64_t max_lead = 4096;
constexpr std::size_t batch_bytes = 64U << 10;
constexpr int runs = 5;

struct Options {
  std::string label = "broker";
  double scale = 1;
  std::string only;
  std::vector<std::string> command;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}
double percentile(std::vector<double> values, double fraction) {
  std::ranges::sort(values);
  return values[std::min(values.size() - 1,
                         static_cast<std::size_t>(fraction * static_cast<double>(values.size())))];
}

/// The broker under test, started for one measurement and stopped after it.
class BrokerProcess {
 public:
  explicit BrokerProcess(const Options& options)
      : directory_(std::filesystem::temp_directory_path() / fmt::format("bus_bench.{}", ::getpid())) {
    std::filesystem::create_directories(directory_);
    socket_ = (directory_ / "bus.sock").string();
    std::filesystem::remove(socket_);
    std::vector<std::string> words = options.command;
    for (std::string& word : words) {
      if (const auto at = word.find("{socket}"); at != std::string::npos) word.replace(at, 8, socket_);
    }
    child_.emplace([&words] {
      std::vector<char*> arguments;
      for (std::string& word : words) arguments.push_back(word.data());
      arguments.push_back(nullptr);
      // Its log belongs to nobody here.
      if (std::freopen("/dev/null", "w", stdout) == nullptr ||
          std::freopen("/dev/null", "w", stderr) == nullptr)
        return;
      ::execvp(arguments[0], arguments.data());
      throw std::runtime_error("cannot run " + words[0]);
    });
    for (int i = 0; i < 500; ++i) {
      try {
        const RawClient probe(socket_, "probe");
        return;
      } catch (const std::exception&) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
    }
    throw std::runtime_error("the broker does not answer on " + socket_);
  }
  ~BrokerProcess() {
    child_->stop(SIGTERM);
    std::error_code error;
    std::filesystem::remove_all(directory_, error);
  }
  [[nodiscard]] const std::string& socket() const noexcept { return socket_; }
  [[nodiscard]] double cpu() const { return bench::cpu_seconds(child_->pid()); }

 private:
  std::filesystem::path directory_;
  std::string socket_;
  std::optional<Child> child_;
};

struct Throughput {
  double deliveries_per_second = 0;
  double broker_cpu_us = 0;  // per delivered frame
};

/// Prebuilt frames whose sequence numbers are patched in place before each write.
class FrameBatch {
 public:
  FrameBatch(Op op, std::string_view target, std::size_t payload, std::size_t frames) {
    const std::vector<std::byte> body(payload);
    for (std::size_t i = 0; i < frames; ++i) {
      busrt::wire::append_request(bytes_, 1, op, QoS::no, target, {}, {}, body);
      offsets_.push_back(bytes_.size() - payload);
    }
    stride_ = bytes_.size() / frames;
  }
  std::span<const std::byte> number(std::uint64_t first, std::size_t frames) {
    for (std::size_t i = 0; i < frames; ++i) {
      const std::uint64_t sequence = first + i;
      std::memcpy(bytes_.data().data() + offsets_[i], &sequence, sizeof sequence);
    }
    return bytes_.data().first(stride_ * frames);
  }
  [[nodiscard]] std::size_t size() const noexcept { return offsets_.size(); }

 private:
  base::ByteBuffer bytes_;
  std::vector<std::size_t> offsets_;
  std::size_t stride_ = 0;
};

Throughput throughput_run(const Options& options, Op op, std::size_t receivers, std::size_t payload,
                          std::uint64_t frames, bool batched) {
  const BrokerProcess broker(options);
  const bench::SharedMemory shared;
  std::vector<Child> subscribers;
  for (std::size_t i = 0; i < receivers; ++i) {
    subscribers.emplace_back([&, i] {
      RawClient client(broker.socket(), fmt::format("subscriber{}", i));
      if (op == Op::publish) client.subscribe("bench/topic");
      shared->ready.fetch_add(1);
      bench::SequenceCheck check;
      while (check.frames() < frames) {
        const auto bytes = client.read();
        if (bytes.empty()) throw std::runtime_error("subscriber was disconnected");
        check.feed(bytes);
        shared->received[i].store(check.frames(), std::memory_order_release);
      }
    });
  }
  while (shared->ready.load() < receivers) std::this_thread::sleep_for(std::chrono::milliseconds(1));

  RawClient publisher(broker.socket(), "publisher");
  const std::size_t frame_bytes = busrt::wire::request_header_bytes + 12 + payload;
  FrameBatch batch(op, op == Op::publish ? "bench/topic" : "subscriber0", payload,
                   batched ? std::max<std::size_t>(1, batch_bytes / frame_bytes) : 1);
  const double cpu_before = broker.cpu();
  const auto start = Clock::now();
  for (std::uint64_t sent = 0; sent < frames;) {
    const auto slowest = [&] {
      std::uint64_t least = shared->received[0].load(std::memory_order_acquire);
      for (std::size_t i = 1; i < receivers; ++i) {
        least = std::min(least, shared->received[i].load(std::memory_order_acquire));
      }
      return least;
    };
    while (sent - slowest() > max_lead) std::this_thread::sleep_for(std::chrono::microseconds(20));
    const std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(batch.size(), frames - sent));
    publisher.write(batch.number(sent, count));
    sent += count;
  }
  bool complete = true;
  for (Child& subscriber : subscribers) complete &= subscriber.wait();
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (!complete) throw std::runtime_error("a subscriber did not get every frame");
  const double delivered = static_cast<double>(frames * receivers);
  return {delivered / seconds, (broker.cpu() - cpu_before) / delivered * 1e6};
}

void report_throughput(const Options& options, std::string_view what, Op op, std::size_t receivers,
                       std::size_t payload, double frames, bool batched) {
  if (what.find(options.only) == std::string_view::npos) return;
  std::vector<double> rates;
  std::vector<double> cpu;
  for (int i = 0; i < runs; ++i) {
    const auto run = throughput_run(options, op, receivers, payload,
                                    static_cast<std::uint64_t>(frames * options.scale), batched);
    rates.push_back(run.deliveries_per_second);
    cpu.push_back(run.broker_cpu_us);
  }
  fmt::print("{:<12} {:<44} {:>9.2f} M/s   {:>6.3f} us broker CPU each\n", options.label, what,
             median(rates) / 1e6, median(cpu));
  std::fflush(stdout);
}

/// A to B through the broker and back, everything on one CPU.
std::vector<double> round_trips(const Options& options, QoS qos, std::size_t payload, std::size_t count) {
  const BrokerProcess broker(options);
  const bench::SharedMemory shared;
  const auto echo_frame = [payload, qos](std::string_view target) {
    base::ByteBuffer frame;
    const std::vector<std::byte> body(payload);
    busrt::wire::append_request(frame, 1, Op::message, qos, target, {}, {}, body);
    return frame;
  };
  const Child echo([&] {
    RawClient client(broker.socket(), "echo");
    const auto frame = echo_frame("caller");
    shared->ready.store(1);
    for (;;) {
      client.wait_for(FrameKind::message);
      client.write(frame.data());
    }
  });
  while (shared->ready.load() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  RawClient client(broker.socket(), "caller");
  const auto frame = echo_frame("echo");
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

std::vector<double> rpc_calls(const Options& options, std::size_t payload, std::size_t count) {
  const BrokerProcess broker(options);
  RawClient client(broker.socket(), "caller");
  base::ByteBuffer header;
  busrt::wire::append_rpc_request_header(header, 1, "benchmark.test");
  const std::vector<std::byte> body(payload);
  base::ByteBuffer frame;
  busrt::wire::append_request(frame, 1, Op::message, QoS::realtime, busrt::broker_name, {}, header.data(),
                              body);
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = Clock::now();
    client.write(frame.data());
    client.wait_for(FrameKind::message);
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  return times;
}

void report_latency(const Options& options, std::string_view what, const std::vector<double>& times,
                    const std::vector<double>* floor = nullptr) {
  const double p50 = percentile(times, 0.5);
  const double p99 = percentile(times, 0.99);
  fmt::print("{:<12} {:<44} {:>9.2f} us p50 {:>8.2f} us p99", options.label, what, p50, p99);
  if (floor != nullptr) {
    fmt::print("   {:.2f} / {:.2f} x relay", p50 / percentile(*floor, 0.5), p99 / percentile(*floor, 0.99));
  }
  fmt::print("\n");
  std::fflush(stdout);
}

void report_floors(const Options& options) {
  Options floor = options;
  floor.label = "floor";
  for (const std::size_t receivers : {std::size_t{1}, std::size_t{8}}) {
    std::vector<double> rates;
    for (int i = 0; i < runs; ++i) {
      const auto run = bench::relay_stream(receivers, static_cast<std::size_t>(1e9 * options.scale));
      rates.push_back(run.bytes_per_second * static_cast<double>(receivers) / 130);
    }
    fmt::print("{:<12} {:<44} {:>9.2f} M/s   (64 KiB blocks, counted as frames of 130 bytes)\n", floor.label,
               fmt::format("bare relay 1 to {}", receivers), median(rates) / 1e6);
  }
}

void measure_latency(const Options& options) {
  const auto count = static_cast<std::size_t>(20000 * options.scale);
  bench::pin_to(0);
  // The floor is taken beside each figure, because these machines drift.
  const struct {
    std::string_view what;
    QoS qos;
  } kinds[] = {{"round trip, QoS no", QoS::no},
               {"round trip, QoS processed", QoS::processed},
               {"round trip, QoS realtime", QoS::realtime},
               {"round trip, QoS realtime-processed", QoS::realtime_processed}};
  for (const auto& kind : kinds) {
    if (kind.what.find(options.only) == std::string_view::npos) continue;
    const auto floor = bench::relay_round_trips(100, count);
    Options label = options;
    label.label = "floor";
    report_latency(label, "epoll relay round trip", floor);
    if (!options.command.empty())
      report_latency(options, kind.what, round_trips(options, kind.qos, 100, count), &floor);
  }
  if (!options.command.empty() &&
      std::string_view("rpc call to .broker").find(options.only) != std::string_view::npos) {
    report_latency(options, "rpc call to .broker", rpc_calls(options, 100, count));
  }
  bench::pin_to(-1);
}

void measure_throughput(const Options& options) {
  report_throughput(options, "message 1 to 1, 100 B, batched", Op::message, 1, 100, 8e6, true);
  report_throughput(options, "publish 1 to 1, 100 B, batched", Op::publish, 1, 100, 8e6, true);
  report_throughput(options, "publish 1 to 1, 100 B, a write each", Op::publish, 1, 100, 1e6, false);
  report_throughput(options, "publish 1 to 8, 100 B, batched", Op::publish, 8, 100, 2e6, true);
  report_throughput(options, "publish 1 to 1, 16 KiB, batched", Op::publish, 1, 16384, 1e5, true);
  report_throughput(options, "publish 1 to 8, 16 KiB, batched", Op::publish, 8, 16384, 3e4, true);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--") {
      options.command.assign(argv + i + 1, argv + argc);
      break;
    }
    if (i + 1 >= argc) throw std::runtime_error("missing value after " + std::string(word));
    if (word == "--label") {
      options.label = argv[++i];
    } else if (word == "--scale") {
      options.scale = std::stod(argv[++i]);
    } else if (word == "--only") {
      options.only = argv[++i];
    } else {
      throw std::runtime_error("unknown option " + std::string(word) +
                               "; usage: bus_bench [--label NAME] [--scale X] " +
                               "[--only WORDS] [-- BROKER COMMAND with {socket}]");
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = parse(argc, argv);
    if (options.only.empty()) report_floors(options);
    measure_latency(options);
    if (!options.command.empty()) measure_throughput(options);
  } catch (const std::exception& error) {
    fmt::print(stderr, "bus_bench: {}\n", error.what());
    return 1;
  }
}
