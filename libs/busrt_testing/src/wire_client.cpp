#include "busrt_testing/wire_client.hpp"

#include <stdexcept>
#include <utility>

#include "busrt/frame.hpp"
#include "wire/codec.hpp"
#include "wire/handshake.hpp"
#include "wire/rpc_frame.hpp"

namespace busrt_testing {

namespace {
constexpr std::size_t read_bytes = 256U << 10;
constexpr std::uint32_t no_limit = 0xFFFFFFFF;

std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
}  // namespace

WireClient::WireClient(std::unique_ptr<Channel> channel)
    : channel_(std::move(channel)), scratch_(read_bytes) {}

WireClient::WireClient(std::unique_ptr<Channel> channel, std::string_view name)
    : WireClient(std::move(channel)) {
  if (const auto code = register_as(name); code != busrt::errc::ok) {
    throw std::runtime_error("handshake refused: " + make_error_code(code).message());
  }
}

busrt::errc WireClient::register_as(std::string_view name) {
  busrt::wire::ClientHandshake handshake(name);
  using State = busrt::wire::ClientHandshake::State;
  while (handshake.state() != State::done && handshake.state() != State::failed) {
    if (input_.empty()) {
      const std::size_t got = channel_->read(scratch_, patience);
      if (got == 0) throw std::runtime_error("closed during the handshake");
      input_.append(std::span<const std::byte>(scratch_).first(got));
    }
    busrt::base::ByteBuffer answer;
    input_.consume(handshake.feed(input_.data(), answer));
    if (!answer.empty()) channel_->write(answer.data());
  }
  return handshake.state() == State::done ? busrt::errc::ok : handshake.error();
}

std::uint32_t WireClient::send(busrt::Op op, std::string_view target, std::string_view payload,
                               busrt::QoS qos, std::string_view receiver) {
  busrt::base::ByteBuffer frame;
  busrt::wire::append_request(frame, ++last_op_, op, qos, target, receiver, {}, busrt::as_bytes(payload));
  channel_->write(frame.data());
  return last_op_;
}

std::uint32_t WireClient::topics(busrt::Op op, const std::vector<std::string_view>& patterns,
                                 busrt::QoS qos) {
  busrt::base::ByteBuffer frame;
  busrt::wire::append_topic_request(frame, ++last_op_, op, qos, patterns);
  channel_->write(frame.data());
  return last_op_;
}

void WireClient::ping() {
  busrt::base::ByteBuffer frame;
  busrt::wire::append_ping(frame);
  channel_->write(frame.data());
}

std::optional<Received> WireClient::decode() {
  busrt::wire::Delivery delivery;
  const auto decoded = busrt::wire::decode_delivery(input_.data(), no_limit, delivery);
  if (decoded.status == busrt::wire::Decoded::Status::malformed) {
    throw std::runtime_error(std::string("malformed frame from the broker: ") + decoded.reason);
  }
  if (decoded.status == busrt::wire::Decoded::Status::need_more) return std::nullopt;
  Received received{delivery.kind,
                    delivery.realtime,
                    std::string(delivery.sender),
                    std::string(delivery.topic),
                    text(delivery.payload),
                    delivery.ack_op_id,
                    delivery.ack_code};
  if (delivery.kind == busrt::FrameKind::nop || delivery.kind == busrt::FrameKind::ack)
    received.payload.clear();
  input_.consume(decoded.size);
  return received;
}

Received WireClient::read_frame() {
  for (;;) {
    if (auto frame = decode()) return std::move(*frame);
    const std::size_t got = channel_->read(scratch_, patience);
    if (got == 0) throw std::runtime_error("closed by the broker");
    input_.append(std::span<const std::byte>(scratch_).first(got));
  }
}

Received WireClient::next() {
  if (!kept_.empty()) {
    Received first = std::move(kept_.front());
    kept_.erase(kept_.begin());
    return first;
  }
  for (;;) {
    Received frame = read_frame();
    if (frame.kind != busrt::FrameKind::nop) return frame;
  }
}

Received WireClient::next_data() {
  for (;;) {
    Received frame = next();
    if (frame.kind != busrt::FrameKind::ack) return frame;
  }
}

void WireClient::wait_for_nop() {
  for (;;) {
    Received frame = read_frame();
    if (frame.kind == busrt::FrameKind::nop) return;
    kept_.push_back(std::move(frame));
  }
}

std::uint8_t WireClient::confirmed(busrt::Op op, std::string_view target, std::string_view payload,
                                   std::string_view receiver) {
  const std::uint32_t id = send(op, target, payload, busrt::QoS::processed, receiver);
  for (;;) {
    Received frame = read_frame();
    if (frame.kind == busrt::FrameKind::ack && frame.ack_op_id == id) return frame.ack_code;
    if (frame.kind != busrt::FrameKind::nop) kept_.push_back(std::move(frame));
  }
}

std::uint8_t WireClient::confirmed_topics(busrt::Op op, const std::vector<std::string_view>& patterns) {
  const std::uint32_t id = topics(op, patterns);
  for (;;) {
    Received frame = read_frame();
    if (frame.kind == busrt::FrameKind::ack && frame.ack_op_id == id) return frame.ack_code;
    if (frame.kind != busrt::FrameKind::nop) kept_.push_back(std::move(frame));
  }
}

std::span<const std::byte> WireClient::read_raw() {
  return std::span<const std::byte>(scratch_).first(channel_->read(scratch_, patience));
}

bool WireClient::wait_for_close() {
  while (channel_->read(scratch_, patience) != 0) {
  }
  return true;
}

std::string WireClient::call_broker(std::string_view method, std::string_view params) {
  busrt::base::ByteBuffer call;
  busrt::wire::append_rpc_request_header(call, 7, method);
  call.append(params);
  send(busrt::Op::message, busrt::broker_name, text(call.data()));
  for (;;) {
    Received frame = read_frame();
    if (frame.kind == busrt::FrameKind::message && frame.sender == busrt::broker_name) return frame.payload;
    if (frame.kind != busrt::FrameKind::nop) kept_.push_back(std::move(frame));
  }
}

}  // namespace busrt_testing
