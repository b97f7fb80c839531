#include "floors.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>

#include "host.hpp"
#include "processes.hpp"

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

/// What arrives on one descriptor goes out on the other.
struct Route {
  int from;
  int to;
};

/// epoll_wait, read, write.
void relay(const std::vector<Route>& routes) {
  const int poller = ::epoll_create1(0);
  std::vector<std::byte> buffer(block_bytes);
  for (std::size_t i = 0; i < routes.size(); ++i) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = i;
    ::epoll_ctl(poller, EPOLL_CTL_ADD, routes[i].from, &event);
  }
  for (;;) {
    std::array<epoll_event, 8> events{};
    const int count = ::epoll_wait(poller, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const Route& route = routes[events[static_cast<std::size_t>(i)].data.u64];
      const auto got = ::read(route.from, buffer.data(), buffer.size());
      if (got <= 0) return;
      write_all(route.to, buffer.data(), static_cast<std::size_t>(got));
    }
  }
}

}  // namespace

std::vector<double> relay_round_trips(Connections connections, std::size_t payload, std::size_t count) {
  Pair left;
  Pair right;
  // Used by two-connection clients alone: what they receive comes here.
  Pair left_in;
  Pair right_in;
  const bool two = connections == Connections::two;
  const Pair& to_left = two ? left_in : left;
  const Pair& to_right = two ? right_in : right;
  const Child relaying([&] { relay({{left.far, to_right.far}, {right.far, to_left.far}}); });
  const Child echo([&] {
    std::vector<std::byte> buffer(payload);
    for (;;) {
      read_all(to_right.near, buffer.data(), payload);
      write_all(right.near, buffer.data(), payload);
    }
  });
  std::vector<std::byte> buffer(payload);
  std::vector<double> times;
  times.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto start = std::chrono::steady_clock::now();
    write_all(left.near, buffer.data(), payload);
    read_all(to_left.near, buffer.data(), payload);
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
