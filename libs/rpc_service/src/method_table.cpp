// Decodes, checks, calls, encodes.
#include "daemoneye/rpc_service/method_table.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "daemoneye/rpc_service/params.hpp"

namespace daemoneye::rpc_service {

namespace asio = boost::asio;

struct MethodTable::Entry {
  Method method;
  Handler handler;
};

struct MethodTable::State {
  std::vector<std::shared_ptr<const Entry>> entries;
  OnRefused on_refused;
};

MethodTable::MethodTable() : state_(std::make_shared<State>()) {}
MethodTable::~MethodTable() = default;

void MethodTable::add(Method method, Handler handler) {
  assert(std::ranges::count(names(), method.name) == 0);
  state_->entries.push_back(std::make_shared<const Entry>(std::move(method), std::move(handler)));
}

void MethodTable::on_refused(OnRefused handler) {
  state_->on_refused = std::move(handler);
}

void MethodTable::serve(busrt::RpcClient& rpc) const {
  for (const auto& entry : state_->entries) {
    rpc.on(std::string(entry->method.name),
           [state = std::weak_ptr<const State>(state_), entry](busrt::RpcRequest request) {
             return answer(state, entry, std::move(request));
           });
  }
}

asio::awaitable<busrt::RpcResult> MethodTable::answer(std::weak_ptr<const State> state,
                                                      std::shared_ptr<const Entry> entry,
                                                      busrt::RpcRequest request) {
  const auto held = state.lock();
  if (held == nullptr) {
    co_return std::unexpected(busrt::RpcError{busrt::rpc_code::internal, "the program is ending"});
  }
  Call call{std::string(request.method), std::string(request.sender()), {}};
  const auto refuse = [&held, &call](busrt::RpcError error) {
    if (held->on_refused) held->on_refused(call, error);
    return std::unexpected(std::move(error));
  };
  auto params = decode_params(request.payload);
  if (!params) co_return refuse(std::move(params.error()));
  if (auto checked = check_params(entry->method, *params); !checked) co_return refuse(checked.error());
  call.params = std::move(*params);
  auto result = co_await entry->handler(call);
  if (!result) co_return refuse(std::move(result.error()));
  co_return encode_result(*result, encoding_of(request.payload));
}

std::vector<std::string_view> MethodTable::names() const {
  std::vector<std::string_view> all;
  for (const auto& entry : state_->entries) all.push_back(entry->method.name);
  return all;
}

boost::json::array MethodTable::describe() const {
  boost::json::array all;
  for (const auto& entry : state_->entries) all.push_back(rpc_service::describe(entry->method));
  return all;
}

}  // namespace daemoneye::rpc_service
