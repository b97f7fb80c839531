// How a session reads: bytes from its stream, the handshake, whole frames, and what is left of one.
#include <cstring>
#include <utility>

#include "broker/session.hpp"
#include "busrt/limits.hpp"
#include "busrt/protocol.hpp"

namespace busrt::broker {

namespace {

/// A client that has shown a certificate goes by the certificate's name.
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
  if (!closing() && !suspended_ && reading_) {
    shard().turn().begin();
    end_.serve([this] { read_once(); });
  }
}

bool Session::read_once() {
  return input_.gathers() ? read_into_buffer() : read_into_scratch();
}

bool Session::check_read(const transport::IoResult& got) {
  switch (got.status) {
    case transport::IoResult::Status::ok:
      deadlines_.note_input(shard().loop().now());
      return true;
    case transport::IoResult::Status::would_block:
      return false;
    case transport::IoResult::Status::closed:
      end_.close(CloseReason::end_of_stream);
      return false;
    case transport::IoResult::Status::failed:
      end_.close_failed(got.error, *stream_);
      return false;
  }
  return false;
}

bool Session::read_into_scratch() {
  const std::span<std::byte> scratch = shard().scratch();
  const std::span<const std::byte> before = input_.data();
  if (!before.empty()) std::memcpy(scratch.data(), before.data(), before.size());
  const auto got = stream_->read(scratch.subspan(before.size()));
  if (!check_read(got)) return false;
  const auto input = std::span<const std::byte>(scratch).first(before.size() + got.bytes);
  const std::size_t used = process(input);
  // Also of a session that is closing: finish() counts the frames that were read and not handled.
  input_.keep(input.subspan(used));
  if (closing()) return true;
  if (!charge_input()) end_.close(CloseReason::over_memory);
  return true;
}

bool Session::read_into_buffer() {
  const std::span<std::byte> room = input_.prepare();
  if (!charge_input()) {
    end_.close(CloseReason::over_memory);
    return true;
  }
  const auto got = stream_->read(room);
  if (!check_read(got)) return false;
  input_.commit(got.bytes);
  if (input_.has_expected()) process_buffer();
  return true;
}

bool Session::charge_input() {
  if (!input_.charge()) return true;
  services_.evictor.enforce_budget();
  return ticket_->account()->beyond_connection() <= core().config.client_memory_bytes;
}

void Session::process_buffer() {
  input_.consume(process(input_.data()));
  if (closing()) return;
  input_.release_if_empty();
  if (!charge_input()) end_.close(CloseReason::over_memory);
}

void Session::continue_handshake(std::span<const std::byte>& input) {
  base::ByteBuffer answer;
  input = input.subspan(handshake_.feed(input, answer));
  if (!answer.empty()) {
    output_.append_raw(answer.data());
    shard().flushes().mark(output_);
  }
  if (handshake_.state() == wire::BrokerHandshake::State::rejected) {
    end_.close(CloseReason::handshake_refused, handshake_.reason());
  } else if (handshake_.state() == wire::BrokerHandshake::State::done) {
    register_client();
  }
}

void Session::register_client() {
  auto endpoint = std::make_shared<Endpoint>(handshake_.name(), shard().index(), stream_->peer(), &output_,
                                             ticket_->account());
  services_.rules.refresh();
  Result<> admitted = check_certificate(*endpoint);
  if (admitted) admitted = access_.admit(*endpoint);
  Result<Registry::Registered> added = admitted ? core().registry.add(endpoint, core().config.force_register)
                                                : std::unexpected(admitted.error());
  if (added) {
    // From here on its end takes it out of the registry again.
    endpoint_ = endpoint;
    output_.attach(*endpoint_);
    end_.attach(*endpoint_);
  }
  const errc code = added ? errc::ok : static_cast<errc>(added.error().code.value());
  const auto answer = static_cast<std::byte>(code);
  output_.append_raw({&answer, 1});
  shard().flushes().mark(output_);
  if (!added) {
    end_.close(code == errc::access ? CloseReason::access_refused : CloseReason::handshake_refused,
               added.error().message);
    return;
  }
  ticket_->registered();
  for (const EndpointRef& old : added->displaced) shard().close(old, CloseReason::displaced);
  if (endpoint_->is_primary()) services_.announcer.announce(broker_info_topic, "reg", endpoint_->name);
  core().log(base::LogLevel::debug, "client registered: " + endpoint_->name);
}

std::size_t Session::process(std::span<const std::byte> input) {
  const std::size_t total = input.size();
  // What is not handled is left to the caller, who keeps and counts it.
  end_.serve([this, &input] { process_frames(input); });
  return total - input.size();
}

void Session::process_frames(std::span<const std::byte>& input) {
  if (!endpoint_) {
    continue_handshake(input);
    if (!endpoint_ || closing()) return;
  }
  services_.rules.refresh();
  if (closing()) return;
  input_.expect(0);
  Turn& turn = shard().turn();
  const std::uint32_t max_body_bytes = core().config.max_body_bytes;
  wire::Request request;
  while (!input.empty()) {
    const auto decoded = wire::decode_request(input, max_body_bytes, request);
    if (decoded.status == wire::Decoded::Status::need_more) {
      input_.expect(decoded.size);
      break;
    }
    if (decoded.status == wire::Decoded::Status::malformed) {
      end_.close(CloseReason::protocol_error, decoded.reason);
      break;
    }
    const Verdict verdict = request.op == Op::nop ? Verdict::done : handle(request, decoded.size);
    if (verdict == Verdict::suspended) break;
    input = input.subspan(decoded.size);
    if (closing()) break;
    turn.spend(1);
    if (turn.used_up()) {
      yield();
      break;
    }
  }
  shard().end_of_read();
}

void Session::resume() {
  end_.serve([this] { continue_reading(); });
}

void Session::continue_reading() {
  if (!suspended_ || closing()) return;
  suspended_ = false;
  deadlines_.note_input(shard().loop().now());  // the broker did not read, so the client was not silent
  shard().turn().begin();
  if (!input_.empty()) process_buffer();
  if (suspended_ || closing()) return;
  interest_.want_read(reading_);
  // A stream that hung up meanwhile is no longer watched: read what it left, until it ends or blocks again.
  while (hung_up_ && !suspended_ && !closing() && read_once()) {
  }
}

}  // namespace busrt::broker
