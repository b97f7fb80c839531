// What a session does with each frame: subscriptions, data, calls of the broker's own client; acks and holds.
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "broker/core_rpc.hpp"
#include "broker/session.hpp"
#include "broker/shard.hpp"
#include "routing/pattern.hpp"

namespace busrt::broker {

namespace {

/// What the client "would hold".
std::string beyond_limit(PatternRefusal refusal, std::size_t max_patterns) {
  if (refusal == PatternRefusal::too_many) {
    return "more topic patterns than a client may, " + std::to_string(max_patterns);
  }
  const std::string what = "patterns whose fronts of more than " +
                           std::to_string(limits::free_shape_segments) +
                           " segments place their wildcards in more ways than ";
  return refusal == PatternRefusal::client_shapes
             ? what + "those of one client may, " + std::to_string(limits::client_shapes)
             : what + "those of all clients together may, " + std::to_string(limits::all_shapes);
}

}  // namespace

Session::Verdict Session::handle(const wire::Request& request, std::size_t frame_bytes) {
  // The answer needs room too: a client that does not read its acks is held like one that floods a slow
  // receiver.
  if (wants_ack(request.qos) && !shard_.delivery().has_room(*endpoint_, wire::delivery_header_bytes)) {
    if (!shard_.delivery().make_room(*endpoint_, wire::delivery_header_bytes)) {
      hold_for(endpoint_, wire::delivery_header_bytes);
      return Verdict::held;
    }
    // Nothing waits, but the frame stays to be counted.
    if (closing()) return Verdict::held;
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
      if (access_ && data_denied(request)) break;
      verdict = request.op == Op::message && request.target == broker_name ? handle_core_call(request)
                                                                           : handle_data(request);
      break;
  }
  if (verdict != Verdict::held) {
    endpoint_->traffic.frames_in.add(1);
    endpoint_->traffic.bytes_in.add(frame_bytes);
  }
  return verdict;
}

Session::Verdict Session::handle_topics(const wire::Request& request) {
  // A long list is handled in slices, between which the shard's other sessions get their turn.
  wire::TopicList list(request.payload.subspan(topics_done_));
  std::vector<std::string_view> patterns;
  while (list.more() && !shard_.turn().used_up()) {
    patterns.push_back(list.next());
    shard_.turn().spend(limits::pattern_steps + patterns.back().size() / limits::pattern_bytes_per_step);
    if (const char* problem = routing::pattern_problem(patterns.back()); problem != nullptr) {
      protocol_error(problem);
      return Verdict::done;
    }
  }
  Registry& registry = shard_.core().registry;
  PatternRefusal refusal = PatternRefusal::none;
  switch (request.op) {
    case Op::subscribe:
      // What is granted holds; one answer, when all slices are done, says that something was not.
      if (access_) {
        topics_denied_ |= std::erase_if(patterns, [this](std::string_view pattern) {
                            return denied(AccessOperation::subscribe, pattern);
                          }) != 0;
      }
      refusal = registry.subscribe(endpoint_, patterns);
      break;
    case Op::unsubscribe:
      registry.unsubscribe(endpoint_, patterns);
      break;
    case Op::exclude:
      refusal = registry.exclude(endpoint_, patterns);
      break;
    default:
      registry.unexclude(endpoint_, patterns);
      break;
  }
  shard_.relieve_memory();
  if (closing()) return Verdict::done;
  if (refusal == PatternRefusal::none && list.more()) {
    topics_done_ = request.payload.size() - list.rest().size();
    yield();
    return Verdict::held;
  }
  end_topics(request, refusal);
  return Verdict::done;
}

void Session::end_topics(const wire::Request& request, PatternRefusal refusal) {
  topics_done_ = 0;
  const bool refused = refusal != PatternRefusal::none;
  const bool some_denied = std::exchange(topics_denied_, false);
  if (wants_ack(request.qos))
    ack(request.op_id, refused ? errc::busy : some_denied ? errc::access : errc::ok);
  if (!refused) return;
  Core& core = shard_.core();
  Counters::count(core.counters.patterns_refused);
  core.peer_log.write(
      LineCause::pattern_limit, base::LogLevel::warn,
      "client " + endpoint_->name + " would hold " + beyond_limit(refusal, core.config.max_patterns));
}

Session::Verdict Session::handle_data(const wire::Request& request) {
  // Nobody but the broker speaks on its own topics: clients act on what they read there.
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
      route = shard_.routes().client(request.target);
      break;
    case Op::broadcast:
      frame.kind = FrameKind::broadcast;
      route = shard_.routes().mask(request.target);
      break;
    default:
      frame.kind = FrameKind::publish;
      frame.topic = request.target;
      route = shard_.routes().topic(request.target);
      break;
  }
  if (route == nullptr) {
    protocol_error("target is too long, too deep or not UTF-8");
    return Verdict::done;
  }

  const BrokerConfig& config = shard_.core().config;
  FullPolicy policy = FullPolicy::hold;
  LossCause cause = LossCause::queue_full;
  if (frame.realtime) {
    policy = FullPolicy::drop;
    cause = LossCause::realtime_queue_full;
  } else if (config.slow_consumer == SlowConsumer::drop) {
    policy = FullPolicy::drop;
  } else if (config.slow_consumer == SlowConsumer::disconnect) {
    policy = FullPolicy::disconnect;
    cause = LossCause::slow_consumer;
  }
  const DeliveryResult result = shard_.delivery().deliver(*route, frame, policy, cause, request.receiver);
  if (result.blocker) {
    hold_for(result.blocker, result.frame_bytes);
    return Verdict::held;
  }
  if (frame.realtime) shard_.flush_soon();
  if (wants_ack(request.qos)) {
    errc code = errc::ok;
    if (request.op == Op::message && result.accepted == 0) {
      code = result.refused != 0 ? errc::not_delivered : errc::not_registered;
    }
    ack(request.op_id, code);
  } else if (request.op == Op::message && result.accepted == 0 && result.refused == 0) {
    // Nobody will be told of this frame's fate but by this number.
    count_lost(LossCause::not_registered, 1);
  }
  return Verdict::done;
}

void Session::refuse_access(const wire::Request& request) {
  count_lost(LossCause::access_denied, 1);
  if (wants_ack(request.qos)) ack(request.op_id, errc::access);
}

Session::Verdict Session::handle_core_call(const wire::Request& request) {
  // Room first: the question is answered once, and the answer must not be lost.
  constexpr std::size_t least_answer = 2 * wire::delivery_header_bytes;
  if (!shard_.delivery().make_room(*endpoint_, least_answer)) {
    hold_for(endpoint_, least_answer);
    return Verdict::held;
  }
  if (wants_ack(request.qos)) ack(request.op_id, errc::ok);
  shard_.core().own.count_question(request.payload.size());
  const auto [reply, was_work] = answer_core_call(shard_.core(), request.payload);
  if (reply.empty()) return Verdict::done;
  const bool realtime = is_realtime(request.qos);
  const std::size_t size = wire::delivery_prefix_bytes(FrameKind::message, broker_name, {}) + reply.size();
  shard_.core().own.count_answer(size);
  std::byte* at = queue_frame(size);
  at = wire::write_delivery_prefix(at, FrameKind::message, realtime, broker_name, {}, reply.size());
  std::memcpy(at, reply.data().data(), reply.size());
  // One such answer in a turn, however many were asked for at once.
  shard_.turn().spend(was_work ? limits::turn_steps : limits::lookup_steps);
  return Verdict::done;
}

void Session::hold_for(const EndpointRef& receiver, std::size_t frame_bytes) {
  held_ = true;
  update_interest();
  Counters::count(shard_.core().counters.holds);
  endpoint_->traffic.holds.add(1);
  shard_.wait_for(receiver, endpoint_, frame_bytes);
}

void Session::yield() {
  held_ = true;
  update_interest();
  Counters::count(shard_.core().counters.yields);
  shard_.resume_next_turn(endpoint_);
}

void Session::resume() {
  serve([this] { go_on(); });
}

void Session::go_on() {
  if (!held_ || closing()) return;
  held_ = false;
  last_input_ = shard_.loop().now();  // silence while held was ours, not the client's
  shard_.turn().begin();
  if (!stash_.empty()) process_stash();
  if (held_ || closing()) return;
  update_interest();
  // A stream that hung up meanwhile is no longer watched: read what it left, until it ends or holds us again.
  while (hung_up_ && !held_ && !closing() && read_once()) {
  }
}

void Session::ack(std::uint32_t op_id, errc code) {
  shard_.mark_patient(*this);
  std::byte* at = append_frame(wire::delivery_header_bytes);
  *at++ = static_cast<std::byte>(FrameKind::ack);
  at = wire::store_u32(at, op_id);
  *at = static_cast<std::byte>(code);
}

void Session::protocol_error(const char* what) {
  detail_ = what;
  close(CloseReason::protocol_error);
}

}  // namespace busrt::broker
