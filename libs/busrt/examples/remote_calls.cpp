// Remote calls: one client answers `add`, another calls it, with MessagePack parameters as BUS/RT's own tools
// send them.
#include <boost/asio/awaitable.hpp>
#include <iostream>

#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "busrt/msgpack.hpp"

namespace asio = boost::asio;

namespace {

asio::awaitable<busrt::RpcResult> add(busrt::RpcRequest request) {
  const auto params = busrt::msgpack::decode(request.payload);
  const auto* const map = params ? params->if_object() : nullptr;
  if (map == nullptr || !map->contains("a") || !map->contains("b")) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::invalid_params, "a and b are wanted"});
  }
  const auto sum = map->at("a").to_number<std::int64_t>() + map->at("b").to_number<std::int64_t>();
  co_return busrt::msgpack::encode({{"sum", sum}});
}

}  // namespace

int main() {
  const busrt::Broker broker;

  busrt::BlockingRpcClient server({.name = "calculator", .endpoint = broker.local()});
  server.async().on("add", add);
  busrt::BlockingRpcClient caller({.name = "caller", .endpoint = broker.local()});
  if (!server.connect() || !caller.connect()) return 1;

  const auto reply = caller.call("calculator", "add", busrt::msgpack::encode({{"a", 40}, {"b", 2}}));
  if (!reply) {
    std::cerr << reply.error().message << '\n';
    return 1;
  }
  std::cout << busrt::msgpack::decode(reply->payload).value() << '\n';

  const auto refused = caller.call("calculator", "add");
  if (!refused) std::cout << refused.error().rpc_code << ": " << refused.error().message << '\n';
  return refused ? 1 : 0;
}
