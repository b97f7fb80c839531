// A table of a million patterns: what one more costs, and what a publication among them does.
#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>

#include "capacity.hpp"
#include "host.hpp"
#include "processes.hpp"
#include "statistics.hpp"
#include "watchdog.hpp"
#include "wire/codec.hpp"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t clients = 100;
constexpr std::size_t patterns_each = 10000;
/// Besides its own patterns a client has the one for the broker's warnings.
constexpr std::size_t spare_patterns = 10;
constexpr std::size_t patterns_in_a_frame = 100;
constexpr std::size_t single_subscriptions = 8000;
constexpr unsigned table_watchdog_seconds = 300;
constexpr std::size_t published_bytes = 100;
/// Publications under way at most: far below what a queue holds.
constexpr std::uint64_t window = 4096;
/// Coprime to every number of patterns here: visits them all, far apart from one another.
constexpr std::uint64_t stride = 611'953;
constexpr int runs = 5;
constexpr auto unmatched = "bench/nobody/wants/this";

/// Every other pattern has a wildcard; each matches topic_of() of its number and no other's.
std::string pattern_of(std::uint64_t number) {
  return number % 2 == 0 ? fmt::format("site/{}/sensor/{}/value", number / patterns_each, number)
                         : fmt::format("site/+/sensor/{}/#", number);
}
std::string topic_of(std::uint64_t number) {
  return fmt::format("site/{}/sensor/{}/value", number / patterns_each, number);
}

/// The process that holds all the subscribing clients and counts what they get.
class Owner {
 public:
  Owner(const Endpoint& endpoint, std::size_t each) {
    std::vector<std::string> texts;
    std::vector<std::string_view> patterns;
    for (std::size_t i = 0; i < clients; ++i) {
      clients_.push_back(std::make_unique<BusClient>(endpoint, fmt::format("owner{}", i)));
      for (std::size_t at = 0; at < each; at += patterns_in_a_frame) {
        texts.clear();
        for (std::size_t k = at; k < std::min(each, at + patterns_in_a_frame); ++k) {
          texts.push_back(pattern_of(i * patterns_each + k));
        }
        patterns.assign(texts.begin(), texts.end());
        clients_.back()->subscribe(patterns);
      }
    }
  }
  /// Reads what comes and stores how many publications that were. Never returns.
  [[noreturn]] void count(std::atomic<std::uint64_t>& received) {
    std::vector<pollfd> polled;
    for (const auto& client : clients_) polled.push_back({client->socket().descriptor(), POLLIN, 0});
    std::vector<busrt::base::ByteBuffer> pending(clients_.size());
    std::uint64_t total = 0;
    for (;;) {
      ::poll(polled.data(), polled.size(), -1);
      for (std::size_t i = 0; i < polled.size(); ++i) {
        if (polled[i].revents == 0) continue;
        pending[i].append(clients_[i]->socket().read());
        for (;;) {
          const FrameInStream frame = BusProtocol::decode(pending[i].data());
          if (frame.size == 0) break;
          if (frame.payload != nullptr) ++total;
          pending[i].consume(frame.size);
        }
      }
      received.store(total, std::memory_order_release);
    }
  }

 private:
  std::vector<std::unique_ptr<BusClient>> clients_;
};

/// Frames that go to one subscriber each, or to nobody.
std::vector<busrt::base::ByteBuffer> publications(std::size_t count, std::size_t each, bool matched) {
  const std::vector<std::byte> payload(published_bytes);
  std::vector<busrt::base::ByteBuffer> batches;
  constexpr std::size_t in_a_batch = 256;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i % in_a_batch == 0) batches.emplace_back();
    const std::uint64_t place = i * stride % (clients * each);
    const std::uint64_t number = place / each * patterns_each + place % each;
    busrt::wire::append_request(batches.back(), 1, busrt::Op::publish, busrt::QoS::no,
                                matched ? topic_of(number) : fmt::format("{}/{}", unmatched, number), {}, {},
                                payload);
  }
  return batches;
}

/// Waits until the broker has worked off everything that this client has sent.
void settle(BusClient& client) {
  busrt::base::ByteBuffer last;
  busrt::wire::append_request(last, 1, busrt::Op::publish, busrt::QoS::processed, unmatched, {}, {}, {});
  client.write(last.data());
  client.wait_for(busrt::FrameKind::ack);
}

/// Broker CPU per publication in microseconds.
double publish_cost(const BusBroker& broker, BusClient& client,
                    const std::vector<busrt::base::ByteBuffer>& batches, std::size_t count,
                    const std::atomic<std::uint64_t>* received) {
  const std::uint64_t before = received == nullptr ? 0 : received->load();
  const double cpu_before = cpu_seconds(broker.pid());
  std::uint64_t sent = 0;
  const std::uint64_t in_a_batch = count / batches.size();
  for (const busrt::base::ByteBuffer& batch : batches) {
    while (received != nullptr && sent > received->load(std::memory_order_acquire) - before + window) {
      std::this_thread::sleep_for(std::chrono::microseconds(20));
    }
    client.write(batch.data());
    sent += in_a_batch;
  }
  settle(client);
  while (received != nullptr && received->load() - before < count) {
    std::this_thread::sleep_for(std::chrono::microseconds(100));
  }
  return (cpu_seconds(broker.pid()) - cpu_before) / static_cast<double>(count) * 1e6;
}

/// Time of one more subscription, each in a frame of its own with an ack, in microseconds.
std::vector<double> single_subscription_times(BusClient& client) {
  std::vector<double> times;
  for (std::size_t i = 0; i < single_subscriptions; ++i) {
    const std::string pattern = fmt::format("late/+/sensor/{}", i);
    const std::string_view patterns[] = {pattern};
    const auto start = Clock::now();
    client.subscribe(patterns);
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
  return times;
}

}  // namespace

void measure_subscription_table(const BusPeer& peer, double scale, const Results& results) {
  const std::string name = "subscription table";
  const Watchdog watchdog(table_watchdog_seconds);
  const auto each = static_cast<std::size_t>(static_cast<double>(patterns_each) * std::min(scale, 1.0));
  const auto total = static_cast<double>(each * clients);
  const auto broker =
      peer.start_bus({"-t", "3600", "--max-patterns", std::to_string(patterns_each + spare_patterns),
                      "--memory", "8g", "--client-memory", "1g"});
  const SharedMemory shared;
  const double memory_before = resident_bytes(broker->pid());
  const double cpu_before = cpu_seconds(broker->pid());
  const auto start = Clock::now();
  Child owner([&] {
    Owner all(broker->endpoint(), each);
    shared->ready.store(1);
    all.count(shared->received[0]);
  });
  while (shared->ready.load() == 0) {
    if (owner.ended()) throw std::runtime_error("the subscriptions were refused");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  const double subscribe_us = std::chrono::duration<double, std::micro>(Clock::now() - start).count() / total;
  const double subscribe_cpu_us = (cpu_seconds(broker->pid()) - cpu_before) / total * 1e6;
  const double memory = (resident_bytes(broker->pid()) - memory_before) / total;

  BusClient publisher(broker->endpoint(), "publisher");
  const double late_cpu_before = cpu_seconds(broker->pid());
  const double late_us = median(single_subscription_times(publisher));
  const double late_cpu_us = (cpu_seconds(broker->pid()) - late_cpu_before) / single_subscriptions * 1e6;
  constexpr std::size_t count = 256UZ * 1000;
  std::vector<double> matched;
  std::vector<double> missed;
  const auto to_one = publications(count, each, true);
  const auto to_nobody = publications(count, each, false);
  for (int i = 0; i < runs; ++i) {
    matched.push_back(publish_cost(*broker, publisher, to_one, count, &shared->received[0]));
    missed.push_back(publish_cost(*broker, publisher, to_nobody, count, nullptr));
  }
  results.record(name, "patterns", {total});
  results.record(name, "subscribe_us", {subscribe_us});
  results.record(name, "subscribe_cpu_us", {subscribe_cpu_us});
  results.record(name, "single_subscribe_us", {late_us});
  results.record(name, "single_subscribe_cpu_us", {late_cpu_us});
  results.record(name, "bytes_each", {memory});
  results.record(name, "publish_cpu_us", matched);
  results.record(name, "unmatched_publish_cpu_us", missed);
  results.print(name, fmt::format("{:>9.2f} us for each of {:.0f} patterns (broker CPU {:.2f} us, {:.0f} B), "
                                  "{:.1f} us for one alone (broker CPU {:.1f} us)",
                                  subscribe_us, total, subscribe_cpu_us, memory, late_us, late_cpu_us));
  results.print(name, fmt::format("{:>9.3f} us broker CPU for a publish to one, {:.3f} us to nobody",
                                  median(matched), median(missed)));
}

}  // namespace bench
