// What a session does with each frame: patterns, data, calls of the broker's own client; acks and waiting.
#include <cstring>
#include <string>
#include <utility>

#include "broker/core_rpc.hpp"
#include "broker/session.hpp"
#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"

namespace busrt::broker {

Session::Verdict Session::handle(const wire::Request& request, std::size_t frame_bytes) {
  // The answer needs room too: a client that does not read its acks is blocked like one that floods a slow
  // receiver.
  BackPressure& back_pressure = services_.back_pressure;
  if (wants_ack(request.qos) && !back_pressure.has_room(*endpoint_, wire::delivery_header_bytes)) {
    if (!back_pressure.make_room(*endpoint_, wire::delivery_header_bytes)) {
      block_on(endpoint_, wire::delivery_header_bytes);
      return Verdict::suspended;
    }
    // Nothing waits, but the frame stays to be counted.
    if (closing()) return Verdict::suspended;
  }
  Verdict verdict = Verdict::done;
  switch (request.op) {
    case Op::subscribe:
    case Op::unsubscribe:
    case Op::exclude:
    case Op::unexclude:
      verdict = handle_topics(request);
      break;
    default:
      if (!access_.unrestricted() && data_denied(request)) break;
      verdict = request.op == Op::message && request.target == broker_name ? handle_own_call(request)
                                                                           : handle_data(request);
      break;
  }
  if (verdict != Verdict::suspended) {
    endpoint_->traffic.frames_in.add(1);
    endpoint_->traffic.bytes_in.add(frame_bytes);
  }
  return verdict;
}

Session::Verdict Session::handle_topics(const wire::Request& request) {
  const auto outcome = topics_.handle(endpoint_, request);
  if (outcome.kind == TopicRequests::Outcome::Kind::malformed) {
    end_.close(CloseReason::protocol_error, outcome.problem);
    return Verdict::done;
  }
  services_.evictor.enforce_budget();
  if (closing()) return Verdict::done;
  if (outcome.kind == TopicRequests::Outcome::Kind::slice) {
    yield();
    return Verdict::suspended;
  }
  if (wants_ack(request.qos)) ack(request.op_id, outcome.code());
  if (outcome.refusal != PatternRefusal::none) log_pattern_limit(outcome.refusal);
  return Verdict::done;
}

void Session::log_pattern_limit(PatternRefusal refusal) {
  Counters::count(core().counters.patterns_refused);
  core().peer_log.write(
      LineCause::pattern_limit, base::LogLevel::warn,
      "client " + endpoint_->name + " would hold " + beyond_limit(refusal, core().config.max_patterns));
}

Session::Verdict Session::handle_data(const wire::Request& request) {
  // Only the broker publishes on its own topics: clients act on what they read there.
  if (request.target.starts_with(broker_topics) && request.op != Op::message && request.op != Op::broadcast) {
    refuse_access(request);
    return Verdict::done;
  }
  OutgoingFrame frame;
  frame.sender = endpoint_->name;
  frame.payload = request.payload;
  frame.realtime = is_realtime(request.qos);
  const Route* route = nullptr;
  switch (request.op) {
    case Op::message:
      frame.kind = FrameKind::message;
      route = services_.routes.client(request.target);
      break;
    case Op::broadcast:
      frame.kind = FrameKind::broadcast;
      route = services_.routes.mask(request.target);
      break;
    default:
      frame.kind = FrameKind::publish;
      frame.topic = request.target;
      route = services_.routes.topic(request.target);
      break;
  }
  if (route == nullptr) {
    end_.close(CloseReason::protocol_error, "target is too long, too deep or not UTF-8");
    return Verdict::done;
  }

  const SlowConsumer rule = core().config.slow_consumer;
  FullPolicy policy = FullPolicy::block;
  LossCause cause = LossCause::queue_full;
  if (frame.realtime) {
    policy = FullPolicy::drop;
    cause = LossCause::realtime_queue_full;
  } else if (rule == SlowConsumer::drop) {
    policy = FullPolicy::drop;
  } else if (rule == SlowConsumer::disconnect) {
    policy = FullPolicy::disconnect;
    cause = LossCause::slow_consumer;
  }
  const DeliveryResult result = services_.delivery.deliver(*route, frame, policy, cause, request.receiver);
  if (result.blocker) {
    block_on(result.blocker, result.frame_bytes);
    return Verdict::suspended;
  }
  if (frame.realtime) shard().flushes().flush_after_read();
  if (wants_ack(request.qos)) {
    errc code = errc::ok;
    if (request.op == Op::message && result.accepted == 0) {
      code = result.refused != 0 ? errc::not_delivered : errc::not_registered;
    }
    ack(request.op_id, code);
  } else if (request.op == Op::message && result.accepted == 0 && result.refused == 0) {
    // This number alone tells of the frame's fate.
    count_lost(LossCause::not_registered, 1);
  }
  return Verdict::done;
}

bool Session::data_denied(const wire::Request& request) {
  AccessOperation operation = AccessOperation::publish;
  if (request.op == Op::message) operation = AccessOperation::message;
  if (request.op == Op::broadcast) operation = AccessOperation::broadcast;
  if (!access_.denies(*endpoint_, operation, request.target)) return false;
  refuse_access(request);
  return true;
}

void Session::refuse_access(const wire::Request& request) {
  count_lost(LossCause::access_denied, 1);
  if (wants_ack(request.qos)) ack(request.op_id, errc::access);
}

Session::Verdict Session::handle_own_call(const wire::Request& request) {
  // Room first: the question is answered once, and the answer must not be lost.
  constexpr std::size_t least_answer = 2 * wire::delivery_header_bytes;
  if (!services_.back_pressure.make_room(*endpoint_, least_answer)) {
    block_on(endpoint_, least_answer);
    return Verdict::suspended;
  }
  if (wants_ack(request.qos)) ack(request.op_id, errc::ok);
  core().own.count_question(request.payload.size());
  const auto [reply, was_work] = answer_core_call(core(), request.payload);
  if (reply.empty()) return Verdict::done;
  const bool realtime = is_realtime(request.qos);
  const std::size_t size = wire::delivery_prefix_bytes(FrameKind::message, broker_name, {}) + reply.size();
  core().own.count_answer(size);
  shard().flushes().mark(output_);
  std::byte* at = output_.append(size);
  at = wire::write_delivery_prefix(at, FrameKind::message, realtime, broker_name, {}, reply.size());
  std::memcpy(at, reply.data().data(), reply.size());
  // One such answer in a turn, however many were asked for at once.
  shard().turn().spend(was_work ? limits::turn_steps : limits::lookup_steps);
  return Verdict::done;
}

void Session::suspend() {
  suspended_ = true;
  interest_.want_read(false);
}

void Session::block_on(const EndpointRef& receiver, std::size_t frame_bytes) {
  suspend();
  Counters::count(core().counters.holds);
  endpoint_->traffic.holds.add(1);
  services_.back_pressure.wait_for(receiver, endpoint_, frame_bytes);
}

void Session::yield() {
  suspend();
  Counters::count(core().counters.yields);
  shard().resume_next_turn(endpoint_);
}

void Session::ack(std::uint32_t op_id, errc code) {
  shard().flushes().defer(output_);
  std::byte* at = output_.append(wire::delivery_header_bytes);
  *at++ = static_cast<std::byte>(FrameKind::ack);
  at = wire::store_u32(at, op_id);
  *at = static_cast<std::byte>(code);
}

}  // namespace busrt::broker
