#include "busrt_testing/scripted_peer.hpp"

#include <stdexcept>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/limits.hpp"
#include "peer_transport.hpp"
#include "wire/codec.hpp"

namespace busrt_testing {

void fail_step(const std::string& what) {
  throw std::runtime_error("scripted peer: " + what);
}

namespace {

std::string as_string(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

ScriptedPeer::ScriptedPeer() : transport_(listen_ipc(address())) {}
ScriptedPeer::~ScriptedPeer() = default;

void ScriptedPeer::accept() {
  transport_->accept();
}

void ScriptedPeer::close() {
  transport_->close();
}

void ScriptedPeer::send(std::string_view bytes) {
  transport_->send(bytes);
}

std::size_t ScriptedPeer::send_some(std::string_view bytes) {
  return transport_->send_some(bytes);
}

std::string ScriptedPeer::read(std::size_t bytes) {
  std::string all(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    const std::size_t got = transport_->read_some(all.data() + have, bytes - have);
    if (got == 0) fail_step("the client has closed the connection");
    have += got;
  }
  return all;
}

void ScriptedPeer::expect(std::string_view bytes) {
  const std::string got = read(bytes.size());
  if (got != bytes) fail_step("the client sent other bytes than expected");
}

bool ScriptedPeer::client_has_closed() {
  char byte = 0;
  return transport_->read_some(&byte, 1) == 0;
}

std::string ScriptedPeer::accept_client() {
  accept();
  send(greeting);
  expect(greeting);
  send(ok);
  const std::string length = read(2);
  std::string name = read(static_cast<unsigned char>(length[0]) |
                          static_cast<std::size_t>(static_cast<unsigned char>(length[1])) << 8U);
  send(ok);
  return name;
}

ReceivedRequest ScriptedPeer::next_request() {
  for (;;) {
    std::string bytes = read(busrt::wire::request_header_bytes);
    busrt::wire::Request request;
    auto decoded =
        busrt::wire::decode_request(std::as_bytes(std::span(bytes)), busrt::limits::max_body_bytes, request);
    if (decoded.status == busrt::wire::Decoded::Status::need_more) {
      bytes += read(decoded.size - bytes.size());
      decoded = busrt::wire::decode_request(std::as_bytes(std::span(bytes)), busrt::limits::max_body_bytes,
                                            request);
    }
    if (decoded.status != busrt::wire::Decoded::Status::complete)
      fail_step("the client sent what is no frame");
    if (request.op == busrt::Op::nop) continue;
    return {request.op_id,
            request.op,
            request.qos,
            std::string(request.target),
            std::string(request.receiver),
            as_string(request.payload)};
  }
}

void ScriptedPeer::ack(std::uint32_t op_id, busrt::errc code) {
  busrt::base::ByteBuffer out;
  busrt::wire::append_ack(out, op_id, static_cast<std::uint8_t>(code));
  send(as_string(out.data()));
}

std::string ScriptedPeer::delivery(busrt::FrameKind kind, std::string_view sender, std::string_view topic,
                                   std::string_view payload, bool realtime) {
  std::string bytes(busrt::wire::delivery_prefix_bytes(kind, sender, topic), '\0');
  busrt::wire::write_delivery_prefix(reinterpret_cast<std::byte*>(bytes.data()), kind, realtime, sender,
                                     topic, payload.size());
  return bytes.append(payload);
}

void ScriptedPeer::deliver(busrt::FrameKind kind, std::string_view sender, std::string_view topic,
                           std::string_view payload, bool realtime) {
  send(delivery(kind, sender, topic, payload, realtime));
}

}  // namespace busrt_testing
