// Calls: begun, answered, refused by the bus, expired, given up.
#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "rpc/call_errors.hpp"
#include "rpc/rpc_core.hpp"

namespace busrt {

namespace {
class RpcCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "busrt.rpc"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (value) {
      case rpc_code::not_found:
        return "not found";
      case rpc_code::parse:
        return "parse error";
      case rpc_code::invalid_request:
        return "invalid request";
      case rpc_code::method_not_found:
        return "method not found";
      case rpc_code::invalid_params:
        return "invalid params";
      case rpc_code::internal:
        return "internal error";
      default:
        return "RPC error " + std::to_string(value);
    }
  }
};
}  // namespace

const std::error_category& rpc_category() noexcept {
  static const RpcCategory category;
  return category;
}

namespace detail {

namespace {

/// The end of sending a request.
struct RequestAnswerHandler {
  std::shared_ptr<RpcCore> core;
  std::uint32_t call_id;
  void operator()(const Result<>& answer) const { core->request_answered(call_id, answer); }
};

/// Sends the request of a cut call again. Nothing is sent if the call has ended meanwhile.
struct RepeatHandler {
  std::shared_ptr<RpcCore> core;
  std::uint32_t call_id;
  base::ByteBuffer frame;
  void operator()() { core->send_again(call_id, std::move(frame)); }
};

}  // namespace

CallError bus_call_error(const Error& error) {
  int wire_code = static_cast<int>(errc::other);
  if (error.code.category() == error_category()) {
    wire_code = error.code.value() <= 0xFF ? error.code.value() : static_cast<int>(errc::io);
  }
  return {error.code, static_cast<std::int16_t>(-32000 - wire_code), error.describe(),
          may_have_been_delivered(error.code)};
}

CallError callee_error(std::int16_t code, std::string message) {
  return {std::error_code(code, rpc_category()), code, std::move(message)};
}

std::uint32_t RpcCore::next_call_id() {
  const Lock lock(mutex_);
  return call_ids_.next();
}

void RpcCore::call(std::uint32_t id, std::string target, base::ByteBuffer frame, CallOptions options,
                   std::chrono::milliseconds timeout, Done done) {
  const auto deadline =
      std::chrono::steady_clock::now() + (timeout.count() > 0 ? timeout : config_.call_timeout);
  {
    const Lock lock(mutex_);
    if (calls_.contains(id)) {
      done.post(std::unexpected(bus_call_error({errc::busy, "every call id is in use"})));
      return;
    }
    if (done.cancellable()) {
      done.on_cancel([weak = weak_from_this(), id] {
        if (const auto self = weak.lock()) self->cancel_call(id);
      });
    }
    Pending pending{std::move(done), deadline, options};
    if (options.if_cut == IfCut::repeat) pending.repeat_frame.append(std::as_const(frame).data());
    calls_.add(id, std::move(target), Calls::TimePoint::max(), std::move(pending));
  }
  send_request(id, std::move(frame), options.qos, deadline);
}

/// Sends a request once: if the connection is lost before the ack, the operation completes with an error.
void RpcCore::send_request(std::uint32_t id, base::ByteBuffer frame, QoS qos, Calls::TimePoint deadline,
                           unsigned cuts) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  bus().operate(std::move(frame), SendOptions(qos, std::max(left, std::chrono::milliseconds(1))),
                Repeat::never,
                Completion<Result<>>(bus().executor(), RequestAnswerHandler{shared_from_this(), id}), cuts);
}

void RpcCore::request_answered(std::uint32_t id, const Result<>& answer) {
  Lock lock(mutex_);
  Pending* const pending = calls_.find(id);
  if (pending == nullptr) return;
  if (answer) {
    pending->acknowledged = true;
    const auto deadline = pending->deadline;
    calls_.set_deadline(id, deadline);
    if (!armed_for_ || deadline < *armed_for_) arm_timer(deadline);
    return;
  }
  const Error& why = answer.error();
  if (why.code == errc::io) {
    ++pending->cuts;
    if (repeat(id, *pending)) return;
    ++stats_.cut;
  }
  auto ended = calls_.take(id);
  lock.unlock();
  auto error = bus_call_error(why);
  error.may_have_been_executed |= ended->repeated;
  ended->done.dispatch(std::unexpected(std::move(error)));
}

/// Sends the request of a cut call again, where its caller allows that, there is time, and it is not the
/// request for which the broker ends connections. Posted: the lock is held here, and the bus has one of its
/// own.
bool RpcCore::repeat(std::uint32_t id, Pending& pending) {
  if (pending.options.if_cut != IfCut::repeat || cut_too_often(pending.cuts) ||
      pending.deadline <= std::chrono::steady_clock::now())
    return false;
  pending.acknowledged = false;
  pending.repeated = true;
  calls_.set_deadline(id, Calls::TimePoint::max());
  ++stats_.repeated;
  base::ByteBuffer frame;
  frame.append(std::as_const(pending.repeat_frame).data());
  boost::asio::post(bus().executor(), RepeatHandler{shared_from_this(), id, std::move(frame)});
  return true;
}

void RpcCore::send_again(std::uint32_t id, base::ByteBuffer frame) {
  Lock lock(mutex_);
  const Pending* const pending = calls_.find(id);
  if (pending == nullptr) return;
  const auto qos = pending->options.qos;
  const auto deadline = pending->deadline;
  const unsigned cuts = pending->cuts;
  lock.unlock();
  send_request(id, std::move(frame), qos, deadline, cuts);
}

void RpcCore::finish_call(const Frame& frame, const wire::RpcFrame& rpc) {
  Lock lock(mutex_);
  auto call = calls_.take_reply(rpc.call_id, frame.sender());
  if (!call) ++stats_.late_replies;
  lock.unlock();
  if (!call) {
    log(base::LogLevel::debug, "a reply from " + std::string(frame.sender()) + " to no call that waits");
  } else if (rpc.kind == wire::RpcKind::reply) {
    call->done.dispatch(RpcReply{frame, rpc.payload});
  } else {
    call->done.dispatch(std::unexpected(callee_error(rpc.error_code, std::string(as_text(rpc.payload)))));
  }
}

void RpcCore::cancel_call(std::uint32_t id) {
  const Lock lock(mutex_);
  if (auto call = calls_.take(id)) {
    const auto cancelled = std::make_error_code(std::errc::operation_canceled);
    call->done.post(std::unexpected(bus_call_error({cancelled, "the call was cancelled"})));
  }
}

void RpcCore::arm_timer(Calls::TimePoint deadline) {
  if (!timer_ || deadline == Calls::TimePoint::max()) return;
  armed_for_ = deadline;
  timer_->expires_at(deadline);
  timer_->async_wait([weak = weak_from_this()](boost::system::error_code error) {
    if (error) return;
    if (const auto self = weak.lock()) self->on_timer();
  });
}

void RpcCore::on_timer() {
  const Lock lock(mutex_);
  armed_for_.reset();
  for (Pending& call : calls_.take_expired(std::chrono::steady_clock::now())) {
    call.done.post(std::unexpected(
        bus_call_error({errc::timeout, "no reply in time; the call may have been executed"})));
  }
  if (const auto next = calls_.next_deadline()) arm_timer(*next);
}

void RpcCore::connection_ended(const Error& why) {
  // The client completes requests that are not acknowledged one by one; those never sent may still be sent.
  const auto code = why.code == errc::closed ? why.code : make_error_code(errc::io);
  const Error cut{
      code, "the connection ended before the reply came, the call may have been executed: " + why.describe()};
  const Lock lock(mutex_);
  auto ended = calls_.take_if(
      [this](std::uint32_t id, Pending& pending) { return pending.acknowledged && !repeat(id, pending); });
  stats_.cut += ended.size();
  for (Pending& call : ended) call.done.post(std::unexpected(bus_call_error(cut)));
  // What it waits for is answered. Left armed, it would keep a program that has disconnected from its end.
  if (calls_.size() == 0) disarm_timer();
}

void RpcCore::disarm_timer() {
  if (timer_) timer_->cancel();
  armed_for_.reset();
}

void RpcCore::stop() {
  client_.core()->close();
  std::deque<Request> dropped;
  const Lock lock(mutex_);
  for (Pending& call : calls_.take_all()) {
    call.done.post(std::unexpected(bus_call_error({errc::closed})));
  }
  // Requests that wait go with their owner; those of a lost connection still get their turn: not every one
  // wants a reply.
  disarm_timer();
  dropped.swap(waiting_);
  waiting_bytes_ = 0;
}

void RpcCore::abandon() noexcept {
  std::vector<Pending> calls;
  std::deque<Request> waiting;
  std::optional<boost::asio::steady_timer> timer;
  const Lock lock(mutex_);
  calls = calls_.take_all();
  waiting.swap(waiting_);
  waiting_bytes_ = 0;
  timer.swap(timer_);
}

}  // namespace detail
}  // namespace busrt
