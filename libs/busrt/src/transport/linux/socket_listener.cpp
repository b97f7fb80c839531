#include "transport/linux/socket_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "transport/descriptor.hpp"
#include "transport/linux/socket_stream.hpp"
#include "transport/tcp_socket.hpp"

namespace busrt::transport {

namespace {

Peer peer_of_kind(StreamKind kind, std::string port) {
  Peer peer;
  peer.kind = kind;
  if (!port.empty()) peer.port = std::move(port);
  return peer;
}

}  // namespace

std::string to_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.ss_family == AF_INET6) {
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &six.sin6_addr, text.data(), text.size());
    return "[" + std::string(text.data()) + "]:" + std::to_string(ntohs(six.sin6_port));
  }
  const auto& four = reinterpret_cast<const sockaddr_in&>(address);
  ::inet_ntop(AF_INET, &four.sin_addr, text.data(), text.size());
  return std::string(text.data()) + ":" + std::to_string(ntohs(four.sin_port));
}

Peer unix_peer(int descriptor, std::string port) {
  Peer peer = peer_of_kind(StreamKind::local_ipc, std::move(port));
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0) {
    peer.pid = credentials.pid;
    peer.uid = credentials.uid;
    peer.gid = credentials.gid;
  }
  return peer;
}

Peer tcp_peer(int descriptor, std::string port) {
  Peer peer = peer_of_kind(StreamKind::tcp, std::move(port));
  const int on = 1;
  // Frames are gathered before they are written, so the kernel must not hold small ones back.
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0) {
    peer.source = to_text(address);
  }
  return peer;
}

Result<Peer> peer_of(int descriptor, std::string port) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    return base::fail_errno(errno, "descriptor " + std::to_string(descriptor) + " is no socket");
  }
  if (address.ss_family == AF_UNIX) return unix_peer(descriptor, std::move(port));
  if (address.ss_family == AF_INET || address.ss_family == AF_INET6)
    return tcp_peer(descriptor, std::move(port));
  return fail(errc::not_supported,
              "descriptor " + std::to_string(descriptor) + " is neither a unix nor a TCP socket");
}

Result<> SocketListener::open(EventLoop& loop, Accept accept, Paused paused) {
  loop_ = &loop;
  accept_ = std::move(accept);
  on_pause_ = std::move(paused);
  auto watched = loop.watch(descriptor_, *this, {.read = true, .write = false});
  if (!watched) loop_ = nullptr;  // closing it is no business of the loop then
  return watched;
}

void SocketListener::close_socket() {
  if (descriptor_ < 0) return;
  if (loop_ != nullptr && !paused_) loop_->unwatch(descriptor_, *this);
  ::close(std::exchange(descriptor_, -1));
}

void SocketListener::retry() {
  if (!paused_ || descriptor_ < 0) return;
  paused_ = !loop_->watch(descriptor_, *this, {.read = true, .write = false}).has_value();
}

void SocketListener::on_ready(bool /*readable*/, bool /*writable*/, bool /*hung_up*/) {
  for (;;) {
    const int accepted = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) {
      Descriptor owned(accepted);
      Peer peer = peer_of_(accepted, name_);
      auto stream = make_socket_stream(accepted, std::move(peer));
      static_cast<void>(owned.release());
      accept_(std::move(stream));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EINTR || errno == ECONNABORTED) continue;
    // Out of descriptors or memory: the waiting connection would be reported for ever, so look away until the
    // next tick.
    const int error = errno;
    loop_->unwatch(descriptor_, *this);
    paused_ = true;
    on_pause_(std::generic_category().message(error));
    return;
  }
}

}  // namespace busrt::transport
