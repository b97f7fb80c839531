#include "broker/session.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "broker/core_rpc.hpp"
#include "broker/shard.hpp"
#include "busrt/limits.hpp"
#include "routing/pattern.hpp"
#include "wire/names.hpp"

namespace busrt::broker {

std::string_view to_string(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::none:
      return "none";
    case CloseReason::end_of_stream:
      return "end of stream";
    case CloseReason::io_error:
      return "i/o error";
    case CloseReason::handshake_refused:
      return "handshake refused";
    case CloseReason::handshake_timeout:
      return "handshake timeout";
    case CloseReason::protocol_error:
      return "protocol error";
    case CloseReason::silent:
      return "silent for too long";
    case CloseReason::slow_consumer:
      return "slow_consumer";
    case CloseReason::displaced:
      return "displaced by a client of the same name";
    case CloseReason::primary_gone:
      return "primary client gone";
    case CloseReason::disconnected:
      return "disconnected by the broker's owner";
    case CloseReason::shutdown:
      return "broker shutdown";
  }
  return "unknown";
}

Session::Session(Shard& shard, std::unique_ptr<transport::Stream> stream)
    : shard_(shard),
      stream_(std::move(stream)),
      outbound_(shard.pool()),
      opened_(shard.loop().now()),
      last_input_(opened_),
      last_output_(opened_) {}

Session::~Session() = default;

void Session::open() {
  base::ByteBuffer greeting;
  wire::BrokerHandshake::begin(greeting);
  outbound_.append_raw(greeting.data());
  if (!stream_->open(shard_.loop(), *this)) {
    close(CloseReason::io_error);
    return;
  }
  shard_.mark_dirty(*this);
}

// ---- input ----

void Session::on_readable() {
  if (!closing() && !held_ && reading_) read_once();
}

bool Session::read_once() {
  // A frame that will not fit beside what is there already is gathered in the session's own memory.
  if (stash_target_ > limits::read_chunk_bytes || stash_.size() > limits::read_chunk_bytes / 2) {
    return read_into_stash();
  }
  return read_into_scratch();
}

bool Session::took(const transport::IoResult& got) {
  switch (got.status) {
    case transport::IoResult::Status::ok:
      last_input_ = shard_.loop().now();
      return true;
    case transport::IoResult::Status::would_block:
      return false;
    case transport::IoResult::Status::closed:
      close(CloseReason::end_of_stream);
      return false;
    case transport::IoResult::Status::failed:
      close(CloseReason::io_error);
      return false;
  }
  return false;
}

bool Session::read_into_scratch() {
  const std::span<std::byte> scratch = shard_.scratch();
  const std::size_t before = stash_.size();
  if (before != 0) std::memcpy(scratch.data(), stash_.data().data(), before);
  const auto got = stream_->read(scratch.subspan(before));
  if (!took(got)) return false;
  const auto input = std::span<const std::byte>(scratch).first(before + got.bytes);
  const std::size_t used = process(input);
  if (!closing()) keep(input.subspan(used));
  return true;
}

void Session::keep(std::span<const std::byte> rest) {
  if (rest.empty()) {
    if (stash_.capacity() != 0) stash_.release();
    return;
  }
  stash_.clear();
  stash_.append(rest);
}

bool Session::read_into_stash() {
  // Grows with what has arrived, at most doubling, so a length that lies costs its sender as much as us.
  const std::size_t wanted =
      stash_target_ > stash_.size() ? stash_target_ - stash_.size() : limits::read_chunk_bytes;
  const std::size_t room = std::min(wanted, limits::read_chunk_bytes);
  std::byte* at = stash_.prepare(room);
  const auto got = stream_->read({at, room});
  if (!took(got)) return false;
  stash_.commit(got.bytes);
  if (stash_.size() >= stash_target_) process_stash();
  return true;
}

void Session::process_stash() {
  const std::size_t used = process(stash_.data());
  if (closing()) return;
  stash_.consume(used);
  if (stash_.empty()) stash_.release();
}

void Session::greet_more(std::span<const std::byte>& input) {
  base::ByteBuffer answer;
  input = input.subspan(handshake_.feed(input, answer));
  if (!answer.empty()) {
    outbound_.append_raw(answer.data());
    shard_.mark_dirty(*this);
  }
  if (handshake_.state() == wire::BrokerHandshake::State::rejected) {
    detail_ = handshake_.reason();
    close(CloseReason::handshake_refused);
  } else if (handshake_.state() == wire::BrokerHandshake::State::done) {
    register_client();
  }
}

void Session::register_client() {
  auto endpoint = std::make_shared<Endpoint>(handshake_.name(), shard_.index(), stream_->peer(), this);
  auto added = shard_.core().registry.add(endpoint, shard_.core().config.force_register);
  const errc code = added ? errc::ok : static_cast<errc>(added.error().code.value());
  const auto answer = static_cast<std::byte>(code);
  outbound_.append_raw({&answer, 1});
  shard_.mark_dirty(*this);
  if (!added) {
    detail_ = code == errc::busy ? "the name is taken" : "its primary client is not registered";
    close(CloseReason::handshake_refused);
    return;
  }
  endpoint_ = std::move(endpoint);
  registered_ = true;
  for (const EndpointRef& old : added->displaced) shard_.close_anywhere(old, CloseReason::displaced);
  if (endpoint_->is_primary()) shard_.announce(broker_info_topic, "reg", endpoint_->name);
  shard_.core().log(base::LogLevel::debug, "client registered: " + endpoint_->name);
}

std::size_t Session::process(std::span<const std::byte> input) {
  const std::size_t total = input.size();
  if (!registered_) {
    greet_more(input);
    if (!registered_ || closing()) return total - input.size();
  }
  stash_target_ = 0;
  wire::Request request;
  while (!input.empty()) {
    const auto decoded = wire::decode_request(input, shard_.core().config.max_body_bytes, request);
    if (decoded.status == wire::Decoded::Status::need_more) {
      stash_target_ = decoded.size;
      break;
    }
    if (decoded.status == wire::Decoded::Status::malformed) {
      protocol_error(decoded.reason);
      break;
    }
    if (request.op != Op::nop) {
      if (handle(request, decoded.size) == Verdict::held) break;
      if (closing()) break;
    }
    input = input.subspan(decoded.size);
  }
  return total - input.size();
}

Session::Verdict Session::handle(const wire::Request& request, std::size_t frame_bytes) {
  // The answer needs room too: a client that does not read its acks is held like one that floods a slow
  // receiver.
  if (wants_ack(request.qos) && !shard_.delivery().has_room(*endpoint_, wire::delivery_header_bytes)) {
    if (!shard_.delivery().make_room(*endpoint_, wire::delivery_header_bytes)) {
      hold_for(endpoint_);
      return Verdict::held;
    }
    if (closing()) return Verdict::done;
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
      verdict = request.op == Op::message && request.target == broker_name ? handle_core_call(request)
                                                                           : handle_data(request);
      break;
  }
  if (verdict == Verdict::done) {
    endpoint_->traffic.frames_in.add(1);
    endpoint_->traffic.bytes_in.add(frame_bytes);
  }
  return verdict;
}

Session::Verdict Session::handle_topics(const wire::Request& request) {
  std::vector<std::string_view> patterns;
  const char* problem = nullptr;
  wire::for_each_topic(request.payload, [&](std::string_view pattern) {
    if (problem == nullptr) problem = routing::pattern_problem(pattern);
    patterns.push_back(pattern);
  });
  if (problem != nullptr) {
    protocol_error(problem);
    return Verdict::done;
  }
  Registry& registry = shard_.core().registry;
  switch (request.op) {
    case Op::subscribe:
      registry.subscribe(endpoint_, patterns);
      break;
    case Op::unsubscribe:
      registry.unsubscribe(endpoint_, patterns);
      break;
    case Op::exclude:
      registry.exclude(endpoint_, patterns);
      break;
    default:
      registry.unexclude(endpoint_, patterns);
      break;
  }
  if (wants_ack(request.qos)) ack(request.op_id, errc::ok);
  return Verdict::done;
}

Session::Verdict Session::handle_data(const wire::Request& request) {
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
    hold_for(result.blocker);
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

Session::Verdict Session::handle_core_call(const wire::Request& request) {
  // Room first: the question is answered once, and the answer must not be lost.
  if (!shard_.delivery().make_room(*endpoint_, 2 * wire::delivery_header_bytes)) {
    hold_for(endpoint_);
    return Verdict::held;
  }
  if (wants_ack(request.qos)) ack(request.op_id, errc::ok);
  const auto reply = answer_core_call(shard_.core(), request.payload);
  if (reply.empty()) return Verdict::done;
  const bool realtime = is_realtime(request.qos);
  const std::size_t size = wire::delivery_prefix_bytes(FrameKind::message, broker_name, {}) + reply.size();
  std::byte* at = queue_frame(size);
  at = wire::write_delivery_prefix(at, FrameKind::message, realtime, broker_name, {}, reply.size());
  std::memcpy(at, reply.data().data(), reply.size());
  return Verdict::done;
}

void Session::hold_for(const EndpointRef& receiver) {
  held_ = true;
  update_interest();
  shard_.core().holds.fetch_add(1, std::memory_order_relaxed);
  shard_.wait_for(receiver, endpoint_);
}

void Session::resume() {
  if (!held_ || closing()) return;
  held_ = false;
  last_input_ = shard_.loop().now();  // silence while held was ours, not the client's
  if (!stash_.empty()) process_stash();
  if (held_ || closing()) return;
  update_interest();
  // A stream that hung up meanwhile is no longer watched: read what it left, until it ends or holds us again.
  while (hung_up_ && !held_ && !closing() && read_once()) {
  }
}

void Session::ack(std::uint32_t op_id, errc code) {
  std::byte* at = queue_frame(wire::delivery_header_bytes);
  *at++ = static_cast<std::byte>(FrameKind::ack);
  at = wire::store_u32(at, op_id);
  *at = static_cast<std::byte>(code);
}

void Session::protocol_error(const char* what) {
  detail_ = what;
  close(CloseReason::protocol_error);
}

// ---- output ----

std::byte* Session::queue_frame(std::size_t size) {
  endpoint_->depth.local_frames.add(1);
  endpoint_->depth.local_bytes.add(size);
  endpoint_->traffic.frames_out.add(1);
  endpoint_->traffic.bytes_out.add(size);
  shard_.mark_dirty(*this);
  return outbound_.append(size);
}

void Session::queue_frames(std::span<const std::byte> bytes, std::size_t frames) {
  endpoint_->depth.local_frames.add(frames);
  endpoint_->depth.local_bytes.add(bytes.size());
  endpoint_->traffic.frames_out.add(frames);
  endpoint_->traffic.bytes_out.add(bytes.size());
  shard_.mark_dirty(*this);
  outbound_.append(bytes, frames);
}

void Session::queue_shared(const SharedFrame& frame) {
  endpoint_->depth.local_frames.add(1);
  endpoint_->depth.local_bytes.add(frame.size);
  endpoint_->traffic.frames_out.add(1);
  endpoint_->traffic.bytes_out.add(frame.size);
  shard_.mark_dirty(*this);
  outbound_.append(frame);
}

void Session::flush() {
  if (blocked_ || outbound_.empty() || reason_ == CloseReason::io_error) return;
  const auto flushed = outbound_.flush(*stream_);
  if (flushed.bytes != 0) last_output_ = shard_.loop().now();
  if (endpoint_) {
    endpoint_->depth.local_frames.subtract(flushed.frames);
    endpoint_->depth.local_bytes.subtract(flushed.frame_bytes);
  }
  switch (flushed.status) {
    case transport::IoResult::Status::ok:
      break;
    case transport::IoResult::Status::would_block:
      blocked_ = true;
      update_interest();
      break;
    case transport::IoResult::Status::closed:
      // The client may have written its last frames before it left, so what it sent is still read, to its
      // end.
      blocked_ = true;
      write_ended_ = true;
      update_interest();
      break;
    case transport::IoResult::Status::failed:
      close(CloseReason::io_error);
      return;
  }
  if (!waiters_.empty()) {
    const auto& config = shard_.core().config;
    if (endpoint_->depth.frames() <= config.queue_frames / 2 &&
        endpoint_->depth.bytes() <= config.queue_bytes / 2) {
      release_waiters();
    }
  }
}

void Session::on_writable() {
  blocked_ = false;
  flush();
  update_interest();
}

void Session::on_hang_up() {
  hung_up_ = true;
  if (!held_) close(CloseReason::end_of_stream);
}

void Session::add_waiter(EndpointRef publisher) {
  if (waiters_.empty()) stalled_since_ = shard_.loop().now();
  waiters_.push_back(std::move(publisher));
}

void Session::release_waiters() {
  for (EndpointRef& waiter : waiters_) shard_.resume_anywhere(std::move(waiter));
  waiters_.clear();
}

transport::Interest Session::interest() const noexcept {
  return {.read = !held_ && reading_, .write = blocked_ && !write_ended_};
}

void Session::update_interest() {
  if (!closing()) stream_->want(interest());
}

// ---- time and end ----

void Session::stop_reading() {
  reading_ = false;
  update_interest();
}

void Session::tick(Clock::time_point now) {
  if (closing()) return;
  const BrokerConfig& config = shard_.core().config;
  if (!registered_) {
    if (now - opened_ > config.timeout) close(CloseReason::handshake_timeout);
    return;
  }
  if (!waiters_.empty() && now - stalled_since_ > config.stall_limit) {
    if (shard_.delivery().has_room(*endpoint_, 1)) {
      release_waiters();  // slow, but moving
    } else {
      close(CloseReason::slow_consumer);
      return;
    }
  }
  if (!held_ && reading_ && now - last_input_ > config.timeout * 10 / 8) {
    close(CloseReason::silent);
    return;
  }
  if (outbound_.empty() && now - last_output_ >= config.timeout / 2) {
    base::ByteBuffer nop;
    wire::append_nop(nop);
    outbound_.append_raw(nop.data());
    shard_.mark_dirty(*this);
  }
}

void Session::count_lost(LossCause cause, std::uint64_t frames) {
  endpoint_->traffic.lost[static_cast<std::size_t>(cause)].add(frames);
}

void Session::close(CloseReason reason) {
  if (closing()) return;
  reason_ = reason;
  if (endpoint_) endpoint_->closed.store(true, std::memory_order_release);
  shard_.mark_closing(*this);
}

void Session::finish() {
  // The last words: a refusal, or what was queued for a client that has only stopped sending.
  if (reason_ != CloseReason::io_error) flush();
  Core& core = shard_.core();
  if (endpoint_) {
    bool was_registered = false;
    const auto orphans = core.registry.remove(endpoint_, was_registered);
    for (const EndpointRef& orphan : orphans) shard_.close_anywhere(orphan, CloseReason::primary_gone);
    count_lost(reason_ == CloseReason::slow_consumer ? LossCause::slow_consumer : LossCause::receiver_closed,
               outbound_.abandon());
    count_lost(LossCause::sender_closed, unrouted_frames());
    release_waiters();
    endpoint_->session = nullptr;
    core.registry.retire(*endpoint_);
    if (endpoint_->is_primary() && reason_ != CloseReason::displaced) {
      shard_.announce(broker_info_topic, "unreg", endpoint_->name);
    }
  }
  log_end();
  stream_->close();
}

std::uint64_t Session::unrouted_frames() const {
  std::uint64_t frames = 0;
  std::span<const std::byte> rest = stash_.data();
  wire::Request request;
  while (!rest.empty()) {
    const auto decoded = wire::decode_request(rest, shard_.core().config.max_body_bytes, request);
    if (decoded.status != wire::Decoded::Status::complete) break;
    if (request.op != Op::nop) ++frames;
    rest = rest.subspan(decoded.size);
  }
  return frames;
}

void Session::log_end() {
  Core& core = shard_.core();
  const auto& peer = stream_->peer();
  std::string who = endpoint_ ? "client " + endpoint_->name : std::string("a connection");
  if (peer.pid) who += " (pid " + std::to_string(*peer.pid) + ")";
  std::string why = std::string(to_string(reason_));
  if (detail_ != nullptr) why += std::string(": ") + detail_;
  base::LogLevel level = base::LogLevel::debug;
  switch (reason_) {
    case CloseReason::slow_consumer: {
      core.slow_consumers_closed.fetch_add(1, std::memory_order_relaxed);
      level = base::LogLevel::warn;
      const auto lost = endpoint_->traffic.lost[static_cast<std::size_t>(LossCause::slow_consumer)].get();
      why += ", " + std::to_string(lost) + " frames lost";
      shard_.announce(broker_warn_topic, "slow_consumer", endpoint_->name);
      break;
    }
    case CloseReason::protocol_error:
      core.protocol_errors.fetch_add(1, std::memory_order_relaxed);
      level = base::LogLevel::warn;
      break;
    case CloseReason::handshake_refused:
    case CloseReason::handshake_timeout:
      core.refused_handshakes.fetch_add(1, std::memory_order_relaxed);
      level = base::LogLevel::info;
      break;
    case CloseReason::silent:
    case CloseReason::displaced:
      level = base::LogLevel::warn;
      break;
    default:
      break;
  }
  core.log(level, who + " disconnected: " + why);
}

}  // namespace busrt::broker
