// Publishing and subscribing with coroutines: one client counts what the other publishes.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <iostream>

#include "busrt/broker.hpp"
#include "busrt/client.hpp"

namespace asio = boost::asio;

namespace {

constexpr int readings = 1000;

asio::awaitable<void> subscriber(busrt::Client& client, int& seen) {
  while (seen < readings) {
    auto frame = co_await client.receive();
    if (!frame) co_return;
    ++seen;
  }
}

/// For co_spawn: an exception of a coroutine leaves context.run(). asio::detached would drop it.
void rethrow(const std::exception_ptr& fault) {
  if (fault) std::rethrow_exception(fault);
}

asio::awaitable<void> publisher(busrt::LocalEndpoint endpoint) {
  const auto executor = co_await asio::this_coro::executor;
  busrt::Client client(executor, {.name = "sensor", .endpoint = endpoint});
  if (auto up = co_await client.connect(); !up) co_return;
  for (int i = 0; i < readings; ++i) {
    // Without an ack: fast, and queued until the connection takes it. When the buffer is full, wait and try
    // again.
    const std::string reading = std::to_string(i);
    while (!client.try_send(busrt::Op::publish, "sensors/temperature", busrt::as_bytes(reading))) {
      if (auto room = co_await client.wait_writable(); !room) co_return;
    }
  }
  (void)co_await client.disconnect();
}

asio::awaitable<void> run(busrt::LocalEndpoint endpoint, int& seen) {
  const auto executor = co_await asio::this_coro::executor;
  busrt::Client client(executor, {.name = "display", .endpoint = endpoint});
  if (auto up = co_await client.connect(); !up) co_return;
  if (auto subscribed = co_await client.subscribe({"sensors/+"}); !subscribed) co_return;
  asio::co_spawn(executor, publisher(endpoint), rethrow);
  co_await subscriber(client, seen);
}

}  // namespace

int main() {
  const busrt::Broker broker;
  asio::io_context context;
  int seen = 0;
  asio::co_spawn(context, run(broker.local(), seen), rethrow);
  context.run();
  std::cout << seen << " readings\n";
  return seen == readings ? 0 : 1;
}
