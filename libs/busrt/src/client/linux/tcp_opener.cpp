#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <utility>

#include "client/transports.hpp"

namespace busrt::detail {

namespace asio = boost::asio;

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);
}  // namespace

asio::awaitable<Result<int>> connect_tcp(Address address) {
  const std::string where = address.target + ":" + std::to_string(address.port);
  const auto lane = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(lane);
  auto [unresolved, endpoints] =
      co_await resolver.async_resolve(address.target, std::to_string(address.port), as_values);
  if (unresolved) co_return no_connection(where, unresolved.message());
  asio::ip::tcp::socket socket(lane);
  auto [refused, endpoint] = co_await asio::async_connect(socket, endpoints, as_values);
  if (refused) co_return no_connection(where, refused.message());
  boost::system::error_code error;
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
