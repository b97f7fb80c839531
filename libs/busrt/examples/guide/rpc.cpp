// Remote calls: a handler, a caller, and how a call fails.
#include "busrt/rpc.hpp"

#include <boost/asio/awaitable.hpp>
#include <iostream>

#include "busrt/blocking_client.hpp"
#include "busrt/broker.hpp"
#include "busrt/msgpack.hpp"
#include "guide.hpp"

namespace guide {

namespace {

// [handler]
boost::asio::awaitable<busrt::RpcResult> add(busrt::RpcRequest request) {
  const auto params = busrt::msgpack::decode(request.payload);
  const auto* const map = params ? params->if_object() : nullptr;
  if (map == nullptr || !map->contains("a") || !map->contains("b")) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::invalid_params, "expected a and b"});
  }
  const auto sum = map->at("a").to_number<std::int64_t>() + map->at("b").to_number<std::int64_t>();
  co_return busrt::msgpack::encode({{"sum", sum}});
}
// [/handler]

enum class Outcome : std::uint8_t { done, answered_error, not_executed, unknown };

// [call_errors]
Outcome outcome_of(const busrt::CallResult<busrt::RpcReply>& reply) {
  if (reply) return Outcome::done;
  const busrt::CallError& error = reply.error();
  std::cerr << error.rpc_code << ' ' << error.message << '\n';
  if (error.code.category() == busrt::rpc_category()) return Outcome::answered_error;  // by the callee
  return error.may_have_been_executed ? Outcome::unknown : Outcome::not_executed;
}
// [/call_errors]

}  // namespace

int remote_calls(const Place& place) {
  busrt::Broker broker;
  if (auto bound = broker.listen(place.address); !bound) return report(bound.error());
  const std::string& address = place.address;
  // [server]
  busrt::BlockingRpcClient server({.name = "calculator", .address = address});
  server.async().on("add", add);
  if (auto up = server.connect(); !up) return report(up.error());
  // [/server]
  // [call]
  busrt::BlockingRpcClient caller({.name = "caller", .address = address});
  if (auto up = caller.connect(); !up) return report(up.error());
  const auto params = busrt::msgpack::encode({{"a", 40}, {"b", 2}});
  const auto reply =
      caller.call("calculator", "add", params, busrt::QoS::processed, std::chrono::seconds(30));
  if (reply) std::cout << busrt::msgpack::decode(reply->payload).value() << '\n';
  // [/call]
  check(outcome_of(reply) == Outcome::done, "a call is answered");
  check(busrt::msgpack::decode(reply->payload).value().at("sum") == 42, "with the sum");
  // [repeat]
  const busrt::CallOptions idempotent(busrt::QoS::processed, busrt::IfCut::repeat);
  const auto repeated = caller.call("calculator", "add", params, idempotent);
  // [/repeat]
  check(outcome_of(repeated) == Outcome::done, "a call that may be repeated is answered");

  const auto refused = caller.call("calculator", "add");
  check(outcome_of(refused) == Outcome::answered_error, "a handler's error arrives");
  check(!refused && refused.error().rpc_code == busrt::rpc_code::invalid_params, "with its code");
  const auto unknown_method = caller.call("calculator", "divide");
  check(!unknown_method && unknown_method.error().rpc_code == busrt::rpc_code::method_not_found,
        "no such method");
  const auto nowhere = caller.call("clock", "now");
  check(outcome_of(nowhere) == Outcome::not_executed, "a callee that is not there executes nothing");
  check(!nowhere && nowhere.error().code == busrt::errc::not_registered, "and the code says so");
  return 0;
}

}  // namespace guide
