#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <string>
#include <utility>

#include "client/transports.hpp"

namespace busrt::detail {

namespace asio = boost::asio;

namespace {
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// A numeric address needs no resolver, which is a thread of its own whose question to the system can neither
/// be cancelled nor left: the client's context would wait for it at its end.
std::optional<asio::ip::tcp::endpoint> numeric(const Address& address) {
  boost::system::error_code wrong;
  const auto host = asio::ip::make_address(address.target, wrong);
  if (wrong) return std::nullopt;
  return asio::ip::tcp::endpoint(host, static_cast<asio::ip::port_type>(address.port));
}

asio::awaitable<boost::system::error_code> connect_by_name(asio::ip::tcp::socket& socket,
                                                           const Address& address) {
  asio::ip::tcp::resolver resolver(socket.get_executor());
  auto [unresolved, endpoints] =
      co_await resolver.async_resolve(address.target, std::to_string(address.port), as_values);
  if (unresolved) co_return unresolved;
  auto [refused, endpoint] = co_await asio::async_connect(socket, endpoints, as_values);
  co_return refused;
}

asio::awaitable<boost::system::error_code> connect_to(asio::ip::tcp::socket& socket,
                                                      asio::ip::tcp::endpoint endpoint) {
  auto [refused] = co_await socket.async_connect(endpoint, as_values);
  co_return refused;
}
}  // namespace

asio::awaitable<Result<int>> connect_tcp(Address address) {
  const std::string where = address.target + ":" + std::to_string(address.port);
  asio::ip::tcp::socket socket(co_await asio::this_coro::executor);
  boost::system::error_code error;
  if (const auto endpoint = numeric(address)) {
    error = co_await connect_to(socket, *endpoint);
  } else {
    error = co_await connect_by_name(socket, address);
  }
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
