#include "busrt_testing/scripted_peer.hpp"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "base/byte_buffer.hpp"
#include "busrt/limits.hpp"
#include "busrt_testing/wire_client.hpp"
#include "wire/codec.hpp"

namespace busrt_testing {

namespace {

[[noreturn]] void fail_step(const std::string& what) {
  throw std::runtime_error("scripted peer: " + what);
}
[[noreturn]] void fail_call(const std::string& what) {
  fail_step(what + ": " + std::generic_category().message(errno));
}

std::string as_string(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

ScriptedPeer::ScriptedPeer() {
  std::string pattern = (std::filesystem::temp_directory_path() / "busrt-peer-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) fail_call("mkdtemp");
  directory_ = pattern;
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  const std::string path = address();
  if (path.size() >= sizeof name.sun_path) fail_step("the temporary directory's path is too long");
  std::memcpy(name.sun_path, path.data(), path.size());
  listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) fail_call("socket");
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) fail_call("bind");
  if (::listen(listener_, 8) != 0) fail_call("listen");
}

ScriptedPeer::~ScriptedPeer() {
  close();
  ::close(listener_);
  std::error_code error;
  std::filesystem::remove_all(directory_, error);
}

void ScriptedPeer::wait_readable(int descriptor) const {
  pollfd ready{descriptor, POLLIN, 0};
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
  if (::poll(&ready, 1, static_cast<int>(limit.count())) <= 0) fail_step("nothing came from the client");
}

void ScriptedPeer::accept() {
  close();
  wait_readable(listener_);
  connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (connection_ < 0) fail_call("accept");
}

void ScriptedPeer::close() {
  if (connection_ >= 0) ::close(std::exchange(connection_, -1));
}

void ScriptedPeer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) fail_call("send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

std::size_t ScriptedPeer::send_some(std::string_view bytes) {
  const auto sent = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && errno != EAGAIN) fail_call("send");
  return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

std::string ScriptedPeer::read(std::size_t bytes) {
  std::string all(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    wait_readable(connection_);
    const auto got = ::recv(connection_, all.data() + have, bytes - have, 0);
    if (got < 0) fail_call("recv");
    if (got == 0) fail_step("the client has closed the connection");
    have += static_cast<std::size_t>(got);
  }
  return all;
}

void ScriptedPeer::expect(std::string_view bytes) {
  const std::string got = read(bytes.size());
  if (got != bytes) fail_step("the client sent other bytes than expected");
}

bool ScriptedPeer::client_has_closed() {
  wait_readable(connection_);
  char byte = 0;
  return ::recv(connection_, &byte, 1, 0) <= 0;
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
  base::ByteBuffer out;
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
