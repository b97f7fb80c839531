// What lies over TCP: TLS and WebSockets.
#include <utility>

#include "client/transports.hpp"
#include "transport/websocket/channel.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;

/// The name that the broker's certificate has to be for.
const std::string& expected_name(const ClientConfig& config, const Address& address) {
  return config.server_name ? *config.server_name : address.target;
}

}  // namespace

asio::awaitable<Opened> open_tls(asio::any_io_executor executor, ClientConfig config, Address address) {
  Opened inner = co_await open_tcp(executor, address);
  if (!inner) co_return inner;
  Opened stream = make_tls_stream(executor, *std::move(inner), config.tls, expected_name(config, address));
  if (!stream) co_return no_connection(config.address, stream.error());
  co_return stream;
}

asio::awaitable<Opened> open_websocket(asio::any_io_executor executor, ClientConfig config, Address address) {
  const auto descriptor = co_await connect_tcp(address);
  if (!descriptor) co_return std::unexpected(descriptor.error());
  transport::WebSocketTarget target;
  target.host = address.target;
  target.port = address.port;
  target.token = config.token.value_or("");
  target.secure = address.scheme == Address::Scheme::secure_websocket;
  target.tls = config.tls;
  target.server_name = expected_name(config, address);
  target.timeout = config.timeout;
  auto channel = co_await transport::connect_websocket(executor, *descriptor, std::move(target));
  if (!channel) co_return no_connection(config.address, channel.error());
  co_return make_websocket_stream(*std::move(channel));
}

}  // namespace busrt::detail
