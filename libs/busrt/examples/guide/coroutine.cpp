// The coroutine client, and back-pressure as a value.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include "busrt/broker.hpp"
#include "busrt/client.hpp"
#include "guide.hpp"

namespace guide {

namespace asio = boost::asio;

namespace {

// [coroutine]
asio::awaitable<busrt::Result<>> run(busrt::ClientConfig config) {
  const auto executor = co_await asio::this_coro::executor;
  busrt::Client client(executor, std::move(config));
  if (auto up = co_await client.connect(); !up) co_return up;
  if (auto done = co_await client.subscribe({"news/#"}); !done) co_return done;
  if (auto sent = co_await client.publish("news/today", busrt::as_bytes("hello")); !sent) co_return sent;

  auto frame = co_await client.receive();
  if (!frame) co_return std::unexpected(frame.error());
  std::cout << frame->text() << '\n';
  co_return co_await client.disconnect();
}
// [/coroutine]

// [try_send]
asio::awaitable<busrt::Result<>> stream(busrt::Client& client, const std::vector<std::string>& readings) {
  for (const std::string& reading : readings) {
    while (!client.try_send(busrt::Op::publish, "sensors/hall", busrt::as_bytes(reading))) {
      if (auto room = co_await client.wait_writable(); !room) co_return room;
    }
  }
  co_return busrt::Result<>();
}
// [/try_send]

// [pipeline]
asio::awaitable<busrt::Result<>> pipeline(busrt::Client& client, const std::vector<std::string>& records,
                                          std::size_t& failed) {
  for (const std::string& record : records) {
    // Without this, operations that find no room wait in the client, which is bounded as well.
    if (auto credit = co_await client.wait_credit(); !credit) co_return credit;
    client.publish("records", busrt::as_bytes(record), busrt::QoS::processed,
                   [&failed](busrt::Result<> acked) {
                     if (!acked) ++failed;
                   });
  }
  co_return co_await client.disconnect();  // takes nothing new, and waits for every ack
}
// [/pipeline]

asio::awaitable<void> count(busrt::Client& client, std::size_t expected, std::size_t& seen) {
  while (seen < expected) {
    if (auto frame = co_await client.receive(); !frame) co_return;
    ++seen;
  }
}

void rethrow(const std::exception_ptr& fault) {
  if (fault) std::rethrow_exception(fault);
}

asio::awaitable<void> press(busrt::LocalEndpoint endpoint) {
  const auto executor = co_await asio::this_coro::executor;
  busrt::ClientConfig config{.name = "sensor", .endpoint = endpoint};
  config.outgoing_bytes = 4096;
  config.window_frames = 8;
  busrt::Client sensor(executor, config);
  busrt::Client display(executor, {.name = "display", .endpoint = endpoint});
  const bool up = (co_await sensor.connect()).has_value() && (co_await display.connect()).has_value();
  check(up, "both connect");
  const auto subscribed = co_await display.subscribe({"sensors/#", "records"});
  check(subscribed.has_value(), "the display subscribes");

  const std::vector<std::string> payloads(500, std::string(1000, 'x'));
  std::size_t seen = 0;
  std::size_t failed = 0;
  asio::co_spawn(executor, count(display, 2 * payloads.size(), seen), rethrow);
  const auto streamed = co_await stream(sensor, payloads);
  check(streamed.has_value(), "try_send takes each frame in the end");
  const auto confirmed = co_await pipeline(sensor, payloads, failed);
  check(confirmed.has_value() && failed == 0, "every record is acknowledged");
  check(sensor.stats().unconfirmed == 0, "nothing is unconfirmed");
  while (seen < 2 * payloads.size()) co_await asio::post(executor, asio::use_awaitable);
}

}  // namespace

int coroutines(const Place& /*place*/) {
  const busrt::Broker broker;
  const busrt::LocalEndpoint endpoint = broker.local();
  busrt::Result<> ended = std::unexpected(busrt::Error(busrt::errc::other, "not run"));
  // [context]
  asio::io_context context;
  asio::co_spawn(context, run({.name = "app", .endpoint = endpoint}),
                 [&ended](const std::exception_ptr& fault, busrt::Result<> result) {
                   if (!fault) ended = std::move(result);
                 });
  context.run();
  // [/context]
  return ended ? 0 : report(ended.error());
}

int back_pressure(const Place& /*place*/) {
  const busrt::Broker broker;
  asio::io_context context;
  asio::co_spawn(context, press(broker.local()), rethrow);
  context.run();
  return 0;
}

}  // namespace guide
