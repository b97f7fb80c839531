#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/transports.hpp"
#include "transport/as_values.hpp"
#include "transport/name_lookup.hpp"

namespace busrt::detail {

namespace asio = boost::asio;

namespace {

/// A numeric address needs no lookup.
std::optional<asio::ip::address> numeric(const std::string& host) {
  boost::system::error_code wrong;
  const auto address = asio::ip::make_address(host, wrong);
  if (wrong) return std::nullopt;
  return address;
}

/// Cancelled, it leaves the question without an asker: no name server holds up the attempt or the client.
asio::awaitable<Result<transport::HostAddresses>> look_up(std::string host) {
  const auto lookup = transport::NameLookup::start(host, transport::NameUse::connect);
  if (!lookup) co_return std::unexpected(lookup.error());
  auto signal = lookup->signal();
  if (!signal) co_return std::unexpected(signal.error());
  asio::posix::stream_descriptor answered(co_await asio::this_coro::executor, signal->release());
  auto [cancelled] =
      co_await answered.async_wait(asio::posix::stream_descriptor::wait_read, transport::as_values);
  if (cancelled) co_return fail(errc::io, "the lookup of its name was given up");
  co_return lookup->wait_until(std::chrono::steady_clock::now(), {});
}

asio::awaitable<Result<std::vector<asio::ip::tcp::endpoint>>> endpoints_of(Address address) {
  const auto port = static_cast<asio::ip::port_type>(address.port);
  std::vector<asio::ip::tcp::endpoint> endpoints;
  if (const auto known = numeric(address.target)) {
    endpoints.emplace_back(*known, port);
    co_return endpoints;
  }
  const auto addresses = co_await look_up(address.target);
  if (!addresses) co_return std::unexpected(addresses.error());
  for (const std::string& each : *addresses) {
    if (const auto known = numeric(each)) endpoints.emplace_back(*known, port);
  }
  co_return endpoints;
}

}  // namespace

asio::awaitable<Result<int>> connect_tcp(Address address) {
  const std::string where = address.target + ":" + std::to_string(address.port);
  const auto endpoints = co_await endpoints_of(address);
  if (!endpoints) co_return no_connection(where, endpoints.error());
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  auto [error, endpoint] = co_await asio::async_connect(socket, *endpoints, transport::as_values);
  if (error) co_return no_connection(where, error.message());
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  // The attempt has a lane of its own; the connection lives on the client's executor.
  const int descriptor = socket.release(error);
  if (error) co_return no_connection(where, error.message());
  co_return descriptor;
}

asio::awaitable<Opened> open_tcp(asio::any_io_executor executor, Address address) {
  const auto descriptor = co_await connect_tcp(std::move(address));
  if (!descriptor) co_return std::unexpected(descriptor.error());
  co_return make_socket_stream(executor, *descriptor);
}

}  // namespace busrt::detail
