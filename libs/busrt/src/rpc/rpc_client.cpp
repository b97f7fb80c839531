// The public face of RPC.
#include <utility>

#include "rpc/call_errors.hpp"
#include "rpc/rpc_core.hpp"
#include "wire/names.hpp"

namespace busrt {

namespace {

/// Ends a call0 in a call's own error type.
struct Call0Handler {
  // Shared, because a completion handler of ours must be movable into anything that asks for it.
  std::shared_ptr<detail::Completion<CallResult<void>>> done;
  void operator()(const Result<>& answer) const {
    done->dispatch(answer ? CallResult<void>() : std::unexpected(detail::bus_call_error(answer.error())));
  }
};

Result<base::ByteBuffer> encode_request(const detail::RpcCore& core, std::uint32_t call_id,
                                        std::string_view target, std::string_view method,
                                        std::span<const std::byte> params, QoS qos) {
  if (!wire::valid_name(method)) return fail(errc::data, "method name is not UTF-8 text without NUL");
  base::ByteBuffer header;
  wire::append_rpc_request_header(header, call_id, method);
  return core.bus().encode(Op::message, qos, target, {}, header.data(), params);
}

}  // namespace

RpcClient::RpcClient(Client client, RpcConfig config)
    : core_(detail::RpcCore::make(std::move(client), config)) {}

RpcClient::~RpcClient() {
  if (core_) core_->stop();
}

RpcClient::RpcClient(RpcClient&&) noexcept = default;

RpcClient& RpcClient::operator=(RpcClient&& other) noexcept {
  if (this != &other) {
    if (core_) core_->stop();
    core_ = std::move(other.core_);
  }
  return *this;
}

void RpcClient::on(std::string method, Handler handler) {
  core_->on(std::move(method), std::move(handler));
}
void RpcClient::on_any(Handler handler) {
  core_->on_any(std::move(handler));
}
void RpcClient::on_notification(NotificationHandler handler) {
  core_->on_notification(std::move(handler));
}
void RpcClient::on_frame(FrameHandler handler) {
  core_->on_frame(std::move(handler));
}
Client& RpcClient::client() noexcept {
  return core_->client();
}
RpcStats RpcClient::stats() const {
  return core_->stats();
}

RpcClient::Call RpcClient::encode_call(const Core& core, std::string_view target, std::string_view method,
                                       std::span<const std::byte> params, CallOptions options) {
  const auto id = core->next_call_id();
  return {id, options, std::string(target), encode_request(*core, id, target, method, params, options.qos)};
}

Result<base::ByteBuffer> RpcClient::encode_call0(const Core& core, std::string_view target,
                                                 std::string_view method, std::span<const std::byte> params,
                                                 QoS qos) {
  return encode_request(*core, 0, target, method, params, qos);
}

Result<base::ByteBuffer> RpcClient::encode_notification(const Core& core, std::string_view target,
                                                        std::span<const std::byte> payload, QoS qos) {
  base::ByteBuffer header;
  wire::append_rpc_notification_header(header);
  return core->bus().encode(Op::message, qos, target, {}, header.data(), payload);
}

void RpcClient::start_call(const Core& core, Call call, std::chrono::milliseconds timeout,
                           detail::Completion<CallResult<RpcReply>> done) {
  if (!call.frame) {
    done.post(std::unexpected(detail::bus_call_error(call.frame.error())));
    return;
  }
  core->call(call.id, std::move(call.target), *std::move(call.frame), call.options, timeout, std::move(done));
}

void RpcClient::start_call0(const Core& core, Result<base::ByteBuffer> frame, QoS qos,
                            detail::Completion<CallResult<void>> done) {
  if (!frame) {
    done.post(std::unexpected(detail::bus_call_error(frame.error())));
    return;
  }
  auto shared = std::make_shared<detail::Completion<CallResult<void>>>(std::move(done));
  core->bus().operate(*std::move(frame), qos, detail::Repeat::never,
                      detail::Completion<Result<>>(core->bus().executor(), Call0Handler{std::move(shared)}));
}

void RpcClient::start_notify(const Core& core, Result<base::ByteBuffer> frame, QoS qos,
                             detail::Completion<Result<>> done) {
  if (!frame) {
    done.post(std::unexpected(std::move(frame).error()));
    return;
  }
  core->bus().operate(*std::move(frame), qos, detail::Repeat::if_lost, std::move(done));
}

}  // namespace busrt
