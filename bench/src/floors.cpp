#include "floors.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "processes.hpp"
#include "raw_client.hpp"

namespace bench {

namespace {

constexpr std::size_t block_bytes = 64U << 10;

struct Pair {
  int near = -1;
  int far = -1;
  Pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) throw std::runtime_error("socketpair");
    near = ends[0];
    far = ends[1];
  }
  ~Pair() {
    ::close(near);
    ::close(far);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
};

void write_all(int descriptor, const std::byte* at, std::size_t count) {
  while (count != 0) {
    const auto put = ::send(descriptor, at, count, MSG_NOSIGNAL);
    if (put <= 0) throw std::runtime_error("relay write");
    at += put;
    count -= static_cast<std::size_t>(put);
  }
}

void read_all(int descriptor, std::byte* at, std::size_t count) {
  while (count != 0) {
    const auto got = ::read(descriptor, at, count);
    if (got <= 0) throw std::runtime_error("relay read");
    at += got;
    count -= static_cast<std::size_t>(got);
  }
}

/// What arrives on one side goes out on the other: epoll_wait, read, write.
void relay_both_ways(int left, int right) {
  const int poller = ::epoll_create1(0);
  std::vector<std::byte> buffer(block_bytes);
  for (const int side : {left, right}) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = side;
    ::epoll_ctl(poller, EPOLL_CTL_ADD, side, &event);
  }
  for (;;) {
    std::array<epoll_event, 8> events{};
    const int count = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int from = events[static_cast<std::size_t>(i)].data.fd;
      const auto got = ::read(from, buffer.data(), buffer.size());
      if (got <= 0) return;
      write_all(from == left ? right : left, buffer.data(), static_cast<std::size_t>(got));
    }
  }
}

}  // namespace

std::vector<double> relay_round_trips(std::size_t payload, std::size_t count) {
  Pair left;
  Pair right;
  const Child relay([&] { relay_both_ways(left.far, right.far); });
  const Child echo([&] {
    std::vector<std::byte> buffer(payload);
    for (;;) {
      read_all(right.near, buffer.data(), payload);
      write_all(right.near, buffer.data(), payload);
    }
  });
  std::vector<std::byte> buffer(payload);
  std::vector<double> times;
  times.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    write_all(left.near, buffer.data(), payload);
    read_all(left.near, buffer.data(), payload);
    times.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  return times;
}

RelayThroughput relay_stream(std::size_t receivers, std::size_t total_bytes) {
  Pair source;
  std::vector<std::unique_ptr<Pair>> sinks;
  for (std::size_t i = 0; i < receivers; ++i) sinks.push_back(std::make_unique<Pair>());
  Child relay([&] {
    std::vector<std::byte> block(block_bytes);
    for (;;) {
      const auto got = ::read(source.far, block.data(), block.size());
      if (got <= 0) return;
      for (const auto& sink : sinks) write_all(sink->far, block.data(), static_cast<std::size_t>(got));
    }
  });
  const double cpu_before = cpu_seconds(relay.pid());
  const auto start = std::chrono::steady_clock::now();
  std::vector<Child> readers;
  for (const auto& sink : sinks) {
    readers.emplace_back([&sink, total_bytes] {
      std::vector<std::byte> buffer(256U << 10);
      for (std::size_t left = total_bytes; left != 0;) {
        const auto got = ::read(sink->near, buffer.data(), std::min(buffer.size(), left));
        if (got <= 0) throw std::runtime_error("sink read");
        left -= static_cast<std::size_t>(got);
      }
    });
  }
  const std::vector<std::byte> block(block_bytes);
  for (std::size_t left = total_bytes; left != 0;) {
    const std::size_t step = std::min(left, block_bytes);
    write_all(source.near, block.data(), step);
    left -= step;
  }
  for (Child& reader : readers) reader.wait();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return {static_cast<double>(total_bytes) / seconds, cpu_seconds(relay.pid()) - cpu_before};
}

}  // namespace bench
