// Calls: begun, answered, refused by the bus, expired, given up.
#include <algorithm>
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

/// A request's bus-level answer.
struct BusAnswerHandler {
  std::shared_ptr<RpcCore> core;
  std::uint32_t call_id;
  void operator()(const Result<>& answer) const { core->bus_answered(call_id, answer); }
};

}  // namespace

CallError bus_call_error(const Error& error) {
  int wire_code = static_cast<int>(errc::other);
  if (error.code.category() == error_category()) {
    wire_code = error.code.value() <= 0xFF ? error.code.value() : static_cast<int>(errc::io);
  }
  return {error.code, static_cast<std::int16_t>(-32000 - wire_code), error.describe()};
}

CallError callee_error(std::int16_t code, std::string message) {
  return {std::error_code(code, rpc_category()), code, std::move(message)};
}

std::uint32_t RpcCore::next_call_id() {
  const Lock lock(mutex_);
  return call_ids_.next();
}

void RpcCore::call(std::uint32_t id, std::string target, base::ByteBuffer frame, QoS qos,
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
    calls_.add(id, std::move(target), deadline, std::move(done));
    if (!armed_for_ || deadline < *armed_for_) arm_timer(deadline);
  }
  bus().operate(std::move(frame), qos,
                Completion<Result<>>(bus().executor(), BusAnswerHandler{shared_from_this(), id}));
}

void RpcCore::bus_answered(std::uint32_t id, const Result<>& answer) {
  if (answer) return;
  Lock lock(mutex_);
  auto done = calls_.take(id);
  lock.unlock();
  if (done) done->dispatch(std::unexpected(bus_call_error(answer.error())));
}

void RpcCore::finish_call(const Frame& frame, const wire::RpcFrame& rpc) {
  Lock lock(mutex_);
  auto done = calls_.take_reply(rpc.call_id, frame.sender());
  lock.unlock();
  if (!done) {
    log(base::LogLevel::debug, "a reply from " + std::string(frame.sender()) + " to no call that waits");
  } else if (rpc.kind == wire::RpcKind::reply) {
    done->dispatch(RpcReply{frame, rpc.payload});
  } else {
    done->dispatch(std::unexpected(callee_error(rpc.error_code, std::string(as_text(rpc.payload)))));
  }
}

void RpcCore::cancel_call(std::uint32_t id) {
  const Lock lock(mutex_);
  if (auto done = calls_.take(id)) {
    const auto cancelled = std::make_error_code(std::errc::operation_canceled);
    done->post(std::unexpected(bus_call_error({cancelled, "the call was cancelled"})));
  }
}

void RpcCore::arm_timer(CallTable<Done>::TimePoint deadline) {
  if (!timer_) return;
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
  for (Done& done : calls_.take_expired(std::chrono::steady_clock::now())) {
    done.post(std::unexpected(bus_call_error({errc::timeout, "no reply in time"})));
  }
  if (const auto next = calls_.next_deadline()) arm_timer(*next);
}

void RpcCore::connection_ended(const Error& why) {
  const Lock lock(mutex_);
  for (Done& done : calls_.take_all()) done.post(std::unexpected(bus_call_error(why)));
  // Requests that wait still get their turn: not every one wants a reply.
  if (timer_) timer_->cancel();
  armed_for_.reset();
}

void RpcCore::stop() {
  client_.core()->close();
  connection_ended({errc::closed});
  std::deque<Request> dropped;
  const Lock lock(mutex_);
  dropped.swap(waiting_);
  waiting_bytes_ = 0;
}

void RpcCore::abandon() noexcept {
  std::vector<Done> calls;
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
