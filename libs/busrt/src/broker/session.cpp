// A session's life: opening, writing out, deadlines, and its end with what that costs.
#include "broker/session.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "broker/shard.hpp"

namespace busrt::broker {

namespace {

std::string_view sentence_for(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::end_of_stream:
      return "end of stream";
    case CloseReason::io_error:
      return "i/o error";
    case CloseReason::handshake_refused:
      return "handshake refused";
    case CloseReason::handshake_timeout:
      return "handshake timeout";
    case CloseReason::tls:
      return "TLS";
    case CloseReason::protocol_error:
      return "protocol error";
    case CloseReason::silent:
      return "silent for too long";
    case CloseReason::displaced:
      return "displaced by a client of the same name";
    case CloseReason::primary_gone:
      return "primary client gone";
    case CloseReason::over_memory:
      return "over the memory limit";
    case CloseReason::disconnected:
      return "disconnected by the broker's owner";
    case CloseReason::access_refused:
      return "access refused";
    case CloseReason::access_revoked:
      return "access revoked";
    case CloseReason::name_bound:
      return "its name was bound to another process";
    case CloseReason::fault:
      return "it could not be served";
    case CloseReason::shutdown:
      return "broker shutdown";
    case CloseReason::none:
    case CloseReason::slow_consumer:
      break;
  }
  return to_string(reason);
}

/// "50 slow_consumer, 306 realtime_queue_full", or nothing.
std::string losses_of(const Endpoint& client) {
  std::string text;
  for (std::size_t cause = 0; cause < loss_causes; ++cause) {
    const std::uint64_t frames = client.traffic.lost[cause].get();
    if (frames == 0) continue;
    if (!text.empty()) text += ", ";
    text += std::to_string(frames) + " " + std::string(to_string(static_cast<LossCause>(cause)));
  }
  return text;
}

}  // namespace

Session::Session(Shard& shard, std::unique_ptr<transport::Stream> stream, AdmissionTicket ticket)
    : shard_(shard),
      ticket_(std::move(ticket)),
      account_(ticket_->account()),
      stream_(std::move(stream)),
      outbound_(shard.pool(), *account_),
      opened_(shard.loop().now()),
      last_input_(opened_),
      last_output_(opened_) {
  ticket_->on_eviction([&owner = shard_, self = self_] {
    owner.post([self] {
      // One that has registered meanwhile is no newcomer any more.
      if (*self != nullptr && !(*self)->registered_) (*self)->close(CloseReason::over_memory);
    });
  });
}

Session::~Session() {
  *self_ = nullptr;
  account_->subtract(stash_charged_ + access_charged_);
}

/// No memory, as a rule: this asks for none that it cannot do without.
void Session::end_by(const std::exception& fault) noexcept {
  try {
    detail_ = fault.what();
  } catch (const std::exception&) {
    detail_.clear();
  }
  close(CloseReason::fault);
}

void Session::open() {
  serve([this] { begin(); });
}

void Session::begin() {
  if (stream_->peer().speaks_as) {
    open_own();
    return;
  }
  base::ByteBuffer greeting;
  wire::BrokerHandshake::begin(greeting);
  outbound_.append_raw(greeting.data());
  if (const auto opened = stream_->open(shard_.loop(), *this); !opened) {
    detail_ = opened.error().describe();
    close(CloseReason::io_error);
    return;
  }
  shard_.mark_dirty(*this);
}

void Session::open_own() {
  const transport::Peer& peer = stream_->peer();
  endpoint_ = std::make_shared<Endpoint>(*peer.speaks_as, shard_.index(), peer, this, account_);
  registered_ = true;
  ticket_->registered();
  shard_.core().registry.add_unlisted(endpoint_);
  shard_.keep_up_with_access();
  if (const Result<> admitted = find_access(*endpoint_); !admitted) {
    detail_ = admitted.error().message;
    close(CloseReason::access_refused);
  } else if (const auto opened = stream_->open(shard_.loop(), *this); !opened) {
    detail_ = opened.error().describe();
    close(CloseReason::io_error);
  }
}

// ---- output ----

std::byte* Session::append_frame(std::size_t size) {
  std::byte* const at = outbound_.append(size);
  endpoint_->depth.local_frames.add(1);
  endpoint_->depth.local_bytes.add(size);
  endpoint_->traffic.frames_out.add(1);
  endpoint_->traffic.bytes_out.add(size);
  return at;
}

std::byte* Session::queue_frame(std::size_t size) {
  shard_.mark_dirty(*this);
  return append_frame(size);
}

void Session::queue_frames(std::span<const std::byte> bytes, std::size_t frames) {
  outbound_.append(bytes, frames);
  endpoint_->depth.local_frames.add(frames);
  endpoint_->depth.local_bytes.add(bytes.size());
  endpoint_->traffic.frames_out.add(frames);
  endpoint_->traffic.bytes_out.add(bytes.size());
  shard_.mark_dirty(*this);
}

void Session::queue_shared(const SharedFrame& frame) {
  outbound_.append(frame);
  endpoint_->depth.local_frames.add(1);
  endpoint_->depth.local_bytes.add(frame.size);
  endpoint_->traffic.frames_out.add(1);
  endpoint_->traffic.bytes_out.add(frame.size);
  shard_.mark_dirty(*this);
}

void Session::flush() {
  serve([this] { write_out(); });
}

void Session::write_out() {
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
      close_failed(flushed.error);
      return;
  }
  if (!waiters_.empty()) {
    const auto& config = shard_.core().config;
    if (endpoint_->depth.frames() <= config.queue_frames / 2 &&
        endpoint_->depth.bytes() <= config.queue_bytes / 2 && has_room_for_first_waiter()) {
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

void Session::add_waiter(EndpointRef publisher, std::size_t frame_bytes) {
  if (waiters_.empty()) stalled_since_ = shard_.loop().now();
  waiters_.push_back({std::move(publisher), frame_bytes});
}

bool Session::has_room_for_first_waiter() const {
  return shard_.delivery().has_room(*endpoint_, waiters_.front().frame_bytes);
}

void Session::release_waiters() {
  // Each until it is resumed: where that fails, the others are still here.
  for (Waiter& waiter : waiters_) {
    if (waiter.publisher) shard_.resume_anywhere(waiter.publisher);
    waiter.publisher = nullptr;
  }
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
  serve([this, now] { look_at_clock(now); });
}

void Session::look_at_clock(Clock::time_point now) {
  if (closing()) return;
  const BrokerConfig& config = shard_.core().config;
  if (!registered_) {
    if (now - opened_ > config.timeout) close(CloseReason::handshake_timeout);
    return;
  }
  if (!waiters_.empty() && now - stalled_since_ > config.stall_limit) {
    flush();
    if (closing()) return;
    if (waiters_.empty() || has_room_for_first_waiter()) {
      release_waiters();  // slow, but moving
    } else {
      close(CloseReason::slow_consumer);
      return;
    }
  }
  if (stream_->peer().speaks_as) return;
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

void Session::excuse(Clock::duration lateness) noexcept {
  opened_ += lateness;
  last_input_ += lateness;
  stalled_since_ += lateness;
}

void Session::count_lost(LossCause cause, std::uint64_t frames) {
  endpoint_->traffic.lost[static_cast<std::size_t>(cause)].add(frames);
}

void Session::close(CloseReason reason) {
  if (closing()) return;
  reason_ = reason;
  held_memory_ = account_->used();
  if (endpoint_) endpoint_->closed.store(true, std::memory_order_release);
  shard_.mark_closing(*this);
}

void Session::close_failed(int error) {
  if (closing()) return;
  if (error != 0) detail_ = std::generic_category().message(error);
  close(stream_->failure().empty() ? CloseReason::io_error : CloseReason::tls);
}

void Session::finish() {
  // The last words: a refusal, or what was queued for a client that has only stopped sending.
  if (reason_ != CloseReason::io_error) flush();
  Core& core = shard_.core();
  if (endpoint_) {
    bool was_registered = false;
    const auto orphans = core.registry.remove(endpoint_, was_registered);
    serve([this, &orphans] {
      for (const EndpointRef& orphan : orphans) shard_.close_anywhere(orphan, CloseReason::primary_gone);
    });
    count_lost(reason_ == CloseReason::slow_consumer ? LossCause::slow_consumer : LossCause::receiver_closed,
               outbound_.abandon());
    count_lost(LossCause::sender_closed, unrouted_frames());
    serve([this] { release_waiters(); });
    endpoint_->session = nullptr;
    core.registry.retire(endpoint_);
    serve([this, was_registered] {
      shard_.sweep_soon();
      if (was_registered && endpoint_->is_primary()) {
        shard_.announce(broker_info_topic, "unreg", endpoint_->name);
      }
    });
  }
  core.closed[static_cast<std::size_t>(reason_)].fetch_add(1, std::memory_order_relaxed);
  serve([this] { log_end(); });
  ticket_->ending();
  const bool stuck = reason_ == CloseReason::silent || reason_ == CloseReason::slow_consumer ||
                     reason_ == CloseReason::over_memory;
  serve([this, stuck] {
    if (stuck) {
      stream_->abort();
    } else {
      stream_->close();
    }
  });
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
  if (peer.speaks_as) who += " (" + peer.port.value_or("") + ")";
  if (peer.pid) who += " (pid " + std::to_string(*peer.pid) + ")";
  if (peer.source) who += " (" + *peer.source + ")";
  std::string why = std::string(sentence_for(reason_));
  if (!detail_.empty()) why += ": " + detail_;
  if (const auto failure = stream_->failure(); !failure.empty()) why += ": " + std::string(failure);
  base::LogLevel level = base::LogLevel::debug;
  switch (reason_) {
    case CloseReason::slow_consumer:
      level = base::LogLevel::warn;
      shard_.announce(broker_warn_topic, "slow_consumer", endpoint_->name);
      break;
    case CloseReason::over_memory:
      // There may be thousands of connections that have not registered; the shard has a line for them.
      if (endpoint_) level = base::LogLevel::warn;
      why += ", it held " + std::to_string(held_memory_) + " bytes; the limit is " +
             std::to_string(core.config.client_memory_bytes) + " for a client, " +
             std::to_string(core.config.memory_bytes) + " for all";
      if (endpoint_) shard_.announce(broker_warn_topic, "over_memory", endpoint_->name);
      break;
    case CloseReason::io_error:
      // A fifo does not come back, and whoever writes to it is not told.
      if (peer.speaks_as) level = base::LogLevel::error;
      break;
    case CloseReason::handshake_refused:
    case CloseReason::handshake_timeout:
    case CloseReason::tls:
      level = base::LogLevel::info;
      break;
    case CloseReason::protocol_error:
    case CloseReason::access_refused:
    case CloseReason::access_revoked:
    case CloseReason::name_bound:
    case CloseReason::silent:
    case CloseReason::displaced:
    case CloseReason::fault:
      level = base::LogLevel::warn;
      break;
    default:
      break;
  }
  // Its own counters go with it; afterwards its losses are in the totals alone.
  if (const std::string losses = endpoint_ ? losses_of(*endpoint_) : std::string(); !losses.empty()) {
    why += "; frames lost: " + losses;
    level = std::max(level, base::LogLevel::info);
  }
  core.log(level, who + " disconnected: " + why);
}

}  // namespace busrt::broker
