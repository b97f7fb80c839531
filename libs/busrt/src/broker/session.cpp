// A session's life: opening, writing out, deadlines. Its end is in session_end.cpp.
#include "broker/session.hpp"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "broker/shard.hpp"

namespace busrt::broker {

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
  taken_ += flushed.bytes;
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
  if (waiters_.empty()) stall_.begin(shard_.loop().now(), taken_);
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
  if (!waiters_.empty() && stall_.over(now, config.stall_limit)) {
    end_stall_period(now);
    if (closing()) return;
  }
  if (stream_->peer().speaks_as) return stream_->retry();
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

void Session::end_stall_period(Clock::time_point now) {
  flush();
  if (closing()) return;
  if (waiters_.empty() || has_room_for_first_waiter()) {
    release_waiters();  // slow, but moving
  } else if (stall_.kept_up(now, taken_)) {
    stall_.begin(now, taken_);
  } else {
    close(CloseReason::slow_consumer);
  }
}

void Session::excuse(Clock::duration lateness) noexcept {
  opened_ += lateness;
  last_input_ += lateness;
  stall_.excuse(lateness);
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
  // Of the streams that say what became of them, a fifo is no TLS connection.
  const bool is_tls = !stream_->failure().empty() && !stream_->peer().speaks_as;
  close(is_tls ? CloseReason::tls : CloseReason::io_error);
}

}  // namespace busrt::broker
