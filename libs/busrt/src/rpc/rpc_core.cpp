#include "rpc/rpc_core.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "busrt/base/utf8.hpp"
#include "rpc/call_errors.hpp"
#include "wire/names.hpp"

namespace busrt::detail {

namespace asio = boost::asio;

namespace {

/// The end of sending a reply. A caller that is gone is counted.
struct ReplySentHandler {
  std::shared_ptr<RpcCore> core;
  void operator()(const Result<>& answer) const {
    if (!answer) core->count_failed_reply(answer.error());
    core->handler_ended();
  }
};

/// The end of a handler's coroutine.
struct HandlerEnded {
  std::shared_ptr<RpcCore> core;
  std::shared_ptr<const RpcClient::Handler> handler;  // its coroutine may be using what it captured
  Frame request;
  std::uint32_t call_id;
  void operator()(const std::exception_ptr& fault, const RpcResult& result) const {
    if (fault) {
      const RpcError error{rpc_code::internal, "internal error"};
      if (!core->reply_error(request, call_id, error)) core->handler_ended();
    } else if (call_id == 0) {
      core->handler_ended();
    } else {
      core->reply(request, call_id, result);
    }
  }
};

}  // namespace

std::shared_ptr<RpcCore> RpcCore::make(Client client, RpcConfig config) {
  auto core = std::make_shared<RpcCore>(std::move(client), config);
  ContextService::add(core->bus().executor(), core);
  core->bus().set_listener(core);
  return core;
}

RpcCore::RpcCore(Client client, RpcConfig config)
    : client_(std::move(client)),
      failures_(client_.core()->config().log,
                "rpc " + client_.core()->config().name + ": handlers that fail"),
      config_(config),
      timer_(std::in_place, client_.get_executor()) {}

asio::any_io_executor executor_of(const RpcCore& core) noexcept {
  return core.bus().executor();
}

void RpcCore::log(base::LogLevel level, const std::string& line) const {
  if (const auto& sink = bus().config().log) sink(level, "rpc " + bus().config().name + ": " + line);
}

void RpcCore::log_failure(base::LogLevel level, const std::string& line) {
  failures_.write(level, "rpc " + bus().config().name + ": " + line);
}

void RpcCore::on(std::string method, RpcClient::Handler handler) {
  const Lock lock(mutex_);
  handlers_[std::move(method)] = std::make_shared<const RpcClient::Handler>(std::move(handler));
}
void RpcCore::on_any(RpcClient::Handler handler) {
  const Lock lock(mutex_);
  any_handler_ = std::make_shared<const RpcClient::Handler>(std::move(handler));
}
void RpcCore::on_notification(RpcClient::NotificationHandler handler) {
  const Lock lock(mutex_);
  notification_handler_ = std::make_shared<const RpcClient::NotificationHandler>(std::move(handler));
}
void RpcCore::on_frame(RpcClient::FrameHandler handler) {
  const Lock lock(mutex_);
  frame_handler_ = std::make_shared<const RpcClient::FrameHandler>(std::move(handler));
}

bool RpcCore::has_room_for_requests() const {
  const ClientConfig& limits = bus().config();
  return waiting_.size() < limits.queue_frames && waiting_bytes_ < limits.queue_bytes;
}

void RpcCore::frames_ready() {
  Lock lock(mutex_);
  more_frames_ = true;
  if (dispatching_) return;
  dispatching_ = true;
  while (std::exchange(more_frames_, false)) {
    while (has_room_for_requests()) {
      lock.unlock();
      Frame frame;
      const bool got = bus().take_frame(frame);
      if (got) dispatch_frame(std::move(frame));
      lock.lock();
      if (!got) break;
    }
  }
  dispatching_ = false;
}

void RpcCore::dispatch_frame(Frame frame) {
  wire::RpcFrame rpc;
  if (frame.kind() != FrameKind::message || !wire::decode_rpc(frame.payload(), rpc)) {
    handle_frame(std::move(frame));
    return;
  }
  switch (rpc.kind) {
    case wire::RpcKind::notification:
      handle_notification(std::move(frame), rpc.payload);
      break;
    case wire::RpcKind::request:
      accept_request(std::move(frame), rpc);
      break;
    case wire::RpcKind::reply:
    case wire::RpcKind::error:
      finish_call(frame, rpc);
      break;
  }
}

void RpcCore::accept_request(Frame frame, const wire::RpcFrame& rpc) {
  Request request{{std::move(frame), rpc.method, rpc.payload, rpc.call_id != 0}, rpc.call_id};
  {
    const Lock lock(mutex_);
    if (running_ >= std::max<std::size_t>(config_.max_running_handlers, 1)) {
      waiting_bytes_ += request.request.frame.payload().size();
      waiting_.push_back(std::move(request));
      return;
    }
    ++running_;
  }
  if (!run(std::move(request))) handler_ended();
}

bool RpcCore::run(Request request) {
  SharedHandler handler;
  {
    const Lock lock(mutex_);
    const auto found = handlers_.find(request.request.method);
    handler = found != handlers_.end() ? found->second : any_handler_;
  }
  const Frame frame = request.request.frame;
  const auto call_id = request.call_id;
  if (!handler) {
    const auto method = request.request.method;
    std::string message = "no such method";
    if (base::valid_utf8(method)) message.append(": ").append(method);
    return reply_error(frame, call_id, {rpc_code::method_not_found, std::move(message)});
  }
  try {
    HandlerEnded ended{shared_from_this(), handler, frame, call_id};
    asio::co_spawn(bus().executor(), (*handler)(std::move(request.request)), std::move(ended));
    return true;
  } catch (...) {
    // The handler threw before it was a coroutine.
    return reply_error(frame, call_id, {rpc_code::internal, "internal error"});
  }
}

bool RpcCore::reply_error(const Frame& request, std::uint32_t call_id, RpcError error) {
  if (call_id == 0) {
    log_failure(base::LogLevel::warn,
                "a request from " + std::string(request.sender()) + " failed: " + error.message);
    return false;
  }
  reply(request, call_id, std::unexpected(std::move(error)));
  return true;
}

void RpcCore::reply(const Frame& request, std::uint32_t call_id, const RpcResult& result) {
  base::ByteBuffer header;
  std::span<const std::byte> payload;
  if (result) {
    wire::append_rpc_reply_header(header, call_id);
    payload = *result;
  } else {
    wire::append_rpc_error_header(header, call_id, result.error().code);
    payload = as_bytes(result.error().message);
  }
  const QoS qos = request.realtime() ? QoS::realtime_processed : QoS::processed;
  auto frame = bus().encode(Op::message, qos, request.sender(), {}, header.data(), payload);
  if (!frame) {
    // The result is too large. An error reaches the caller before its timeout.
    header.clear();
    wire::append_rpc_error_header(header, call_id, rpc_code::internal);
    frame =
        bus().encode(Op::message, qos, request.sender(), {}, header.data(), as_bytes(frame.error().message));
  }
  Completion<Result<>> sent(bus().executor(), ReplySentHandler{shared_from_this()});
  if (frame) {
    bus().operate(*std::move(frame), qos, Repeat::if_lost, std::move(sent));
  } else {
    sent.post(std::unexpected(frame.error()));
  }
}

void RpcCore::count_failed_reply(const Error& why) {
  const Lock lock(mutex_);
  if (why.code == errc::not_registered) {
    ++stats_.replies_caller_gone;
  } else if (may_have_been_delivered(why.code) || why.code == errc::not_sent ||
             why.code == errc::not_connected) {
    ++stats_.replies_given_up;
  } else {
    ++stats_.replies_refused;
  }
}

RpcStats RpcCore::stats() const {
  const Lock lock(mutex_);
  RpcStats stats = stats_;
  stats.pending = calls_.size();
  return stats;
}

void RpcCore::handler_ended() {
  for (bool busy = false; !busy;) {
    Lock lock(mutex_);
    if (waiting_.empty()) {
      --running_;
      return;
    }
    Request next = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_bytes_ -= next.request.frame.payload().size();
    lock.unlock();
    busy = run(std::move(next));
  }
  frames_ready();
}

void RpcCore::handle_notification(Frame frame, std::span<const std::byte> payload) {
  Lock lock(mutex_);
  const auto handler = notification_handler_;
  lock.unlock();
  if (!handler) {
    log(base::LogLevel::debug, "a notification from " + std::string(frame.sender()) + " has no handler");
    return;
  }
  try {
    (*handler)({std::move(frame), payload});
  } catch (const std::exception& fault) {
    log_failure(base::LogLevel::error, std::string("the notification handler failed: ") + fault.what());
  } catch (...) {
    log_failure(base::LogLevel::error, "the notification handler failed");
  }
}

void RpcCore::handle_frame(Frame frame) {
  Lock lock(mutex_);
  const auto handler = frame_handler_;
  lock.unlock();
  if (!handler) {
    log(base::LogLevel::debug, std::string("a ") + std::string(to_string(frame.kind())) + " from " +
                                   std::string(frame.sender()) + " has no handler");
    return;
  }
  try {
    (*handler)(std::move(frame));
  } catch (const std::exception& fault) {
    log_failure(base::LogLevel::error, std::string("the frame handler failed: ") + fault.what());
  } catch (...) {
    log_failure(base::LogLevel::error, "the frame handler failed");
  }
}

}  // namespace busrt::detail
