// How a session reads: bytes from its stream, the handshake, whole frames, and what is left of one.
#include <algorithm>
#include <cstring>
#include <utility>

#include "broker/session.hpp"
#include "broker/shard.hpp"
#include "busrt/limits.hpp"

namespace busrt::broker {

namespace {

/// Bytes of an unfinished frame that may be copied before and after a read, which then takes what is behind
/// the frame as well. The copies take less time than the read itself.
constexpr std::size_t copied_stash_bytes = 16U << 10;

/// Who has shown a certificate goes by its name.
Result<> check_certificate(const Endpoint& client) {
  const auto& certificate = client.peer.certificate;
  if (!certificate || certificate->name == client.primary()) return {};
  if (certificate->name.empty()) {
    return fail(errc::access, "its certificate is for nobody: it has no name, or several common names");
  }
  return fail(errc::access, "its certificate is for another name, " + certificate->name);
}

}  // namespace

void Session::on_readable() {
  if (!closing() && !held_ && reading_) {
    shard_.turn().begin();
    serve([this] { read_once(); });
  }
}

bool Session::read_once() {
  // A frame that does not fit in the scratch buffer, or of which much is here, is gathered in the session's
  // own memory, so that small reads do not copy it again and again.
  if (stash_target_ > limits::read_chunk_bytes || stash_.size() > copied_stash_bytes) {
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
      close_failed(got.error);
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
  // Also of a session that is closing: finish() counts the frames that were read and not handled.
  keep(input.subspan(used));
  if (closing()) return true;
  if (!charge_stash()) close(CloseReason::over_memory);
  return true;
}

bool Session::charge_stash() {
  const std::size_t now = stash_.capacity();
  if (now > stash_charged_) {
    account_->add(now - stash_charged_);
  } else {
    account_->subtract(stash_charged_ - now);
  }
  const bool grew = now > stash_charged_;
  stash_charged_ = now;
  if (!grew) return true;
  shard_.relieve_memory();
  return account_->beyond_connection() <= shard_.core().config.client_memory_bytes;
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
  // Grows when what has arrived fills it, at most doubling, so a length that lies costs its sender as much as
  // us.
  const std::size_t wanted =
      stash_target_ > stash_.size() ? stash_target_ - stash_.size() : limits::read_chunk_bytes;
  const std::size_t growth = std::max(stash_.size(), copied_stash_bytes);
  const std::size_t left = stash_.tail_room() != 0 ? stash_.tail_room() : growth;
  const std::size_t room = std::min({wanted, left, limits::read_chunk_bytes});
  std::byte* at = stash_.prepare(room);
  if (!charge_stash()) {
    close(CloseReason::over_memory);
    return true;
  }
  const auto got = stream_->read({at, room});
  if (!took(got)) return false;
  stash_.commit(got.bytes);
  if (stash_.size() >= stash_target_) process_stash();
  return true;
}

void Session::process_stash() {
  stash_.consume(process(stash_.data()));
  if (closing()) return;
  if (stash_.empty()) stash_.release();
  if (!charge_stash()) close(CloseReason::over_memory);
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
  auto endpoint =
      std::make_shared<Endpoint>(handshake_.name(), shard_.index(), stream_->peer(), this, account_);
  shard_.keep_up_with_access();
  Result<> admitted = check_certificate(*endpoint);
  if (admitted) admitted = find_access(*endpoint);
  Result<Registry::Registered> added =
      admitted ? shard_.core().registry.add(endpoint, shard_.core().config.force_register)
               : std::unexpected(admitted.error());
  if (added) {
    // From here on its end takes it out of the registry again.
    endpoint_ = endpoint;
    registered_ = true;
  }
  const errc code = added ? errc::ok : static_cast<errc>(added.error().code.value());
  const auto answer = static_cast<std::byte>(code);
  outbound_.append_raw({&answer, 1});
  shard_.mark_dirty(*this);
  if (!added) {
    detail_ = added.error().message;
    close(code == errc::access ? CloseReason::access_refused : CloseReason::handshake_refused);
    return;
  }
  ticket_->registered();
  for (const EndpointRef& old : added->displaced) shard_.close_anywhere(old, CloseReason::displaced);
  if (endpoint_->is_primary()) shard_.announce(broker_info_topic, "reg", endpoint_->name);
  shard_.core().log(base::LogLevel::debug, "client registered: " + endpoint_->name);
}

std::size_t Session::process(std::span<const std::byte> input) {
  const std::size_t total = input.size();
  // What is not handled is left to the caller, who keeps and counts it.
  serve([this, &input] { process_frames(input); });
  return total - input.size();
}

void Session::process_frames(std::span<const std::byte>& input) {
  if (!registered_) {
    greet_more(input);
    if (!registered_ || closing()) return;
  }
  shard_.keep_up_with_access();
  if (closing()) return;
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
    const Verdict verdict = request.op == Op::nop ? Verdict::done : handle(request, decoded.size);
    if (verdict == Verdict::held) break;
    input = input.subspan(decoded.size);
    if (closing()) break;
    shard_.turn().spend(1);
    if (shard_.turn().used_up()) {
      yield();
      break;
    }
  }
  shard_.end_of_read();
}

}  // namespace busrt::broker
