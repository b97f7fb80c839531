// Blocking calls on the same code.
#include <boost/asio/use_future.hpp>
#include <future>
#include <utility>

#include "busrt/blocking_client.hpp"
#include "client/client_core.hpp"
#include "client/loop_thread.hpp"

namespace busrt {

namespace asio = boost::asio;

struct BlockingRpcClient::Impl {
  Impl(ClientConfig config, RpcConfig rpc_config)
      : loop(config.log), rpc(Client(loop.context().get_executor(), std::move(config)), rpc_config) {}
  ~Impl() {
    rpc.client().core()->close();
    loop.stop();
  }

  detail::LoopThread loop;
  RpcClient rpc;
};

BlockingRpcClient::BlockingRpcClient(ClientConfig config, RpcConfig rpc)
    : impl_(std::make_unique<Impl>(std::move(config), rpc)) {}
BlockingRpcClient::~BlockingRpcClient() = default;

RpcClient& BlockingRpcClient::async() noexcept {
  return impl_->rpc;
}
Result<> BlockingRpcClient::connect() {
  return impl_->rpc.connect(asio::use_future).get();
}
Result<> BlockingRpcClient::disconnect(std::chrono::milliseconds drain) {
  return impl_->rpc.client().disconnect(drain, asio::use_future).get();
}

CallResult<RpcReply> BlockingRpcClient::call(std::string_view target, std::string_view method,
                                             std::span<const std::byte> params, CallOptions options,
                                             std::chrono::milliseconds timeout) {
  return impl_->rpc.call(target, method, params, options, timeout, asio::use_future).get();
}
CallResult<void> BlockingRpcClient::call0(std::string_view target, std::string_view method,
                                          std::span<const std::byte> params, QoS qos) {
  return impl_->rpc.call0(target, method, params, qos, asio::use_future).get();
}
Result<> BlockingRpcClient::notify(std::string_view target, std::span<const std::byte> payload, QoS qos) {
  return impl_->rpc.notify(target, payload, qos, asio::use_future).get();
}

}  // namespace busrt
