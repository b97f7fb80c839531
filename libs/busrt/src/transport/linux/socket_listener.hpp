// A listening socket of any family: the accept loop that unix, TCP and adopted listeners share.
#pragma once

#include <sys/socket.h>

#include <string>

#include "transport/listener.hpp"

namespace busrt::transport {

/// Connections that may wait to be accepted: a burst of clients at start-up must not be refused.
inline constexpr int listen_backlog = 1024;

/// What the kernel knows of an accepted unix peer. `port`: where it came in.
[[nodiscard]] Peer unix_peer(int descriptor, std::string port);
/// Of an accepted TCP peer, whose socket also gets the options that every one of ours has.
[[nodiscard]] Peer tcp_peer(int descriptor, std::string port);
/// By the socket's own family. errc::not_supported for any other.
[[nodiscard]] Result<Peer> peer_of(int descriptor, std::string port);

class SocketListener : public Listener, private Watcher {
 public:
  using PeerOf = Peer (*)(int descriptor, std::string port);

  /// Takes the listening, non-blocking descriptor. `name` is the peers' port.
  SocketListener(int descriptor, std::string name, PeerOf peer)
      : descriptor_(descriptor), name_(std::move(name)), peer_of_(peer) {}
  ~SocketListener() override { close_socket(); }

  [[nodiscard]] Result<> open(EventLoop& loop, Accept accept, Paused paused) override;
  void retry() override;
  void close() override { close_socket(); }
  void let_go() override { descriptor_ = -1; }

 protected:
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  void close_socket();

 private:
  void on_ready(bool readable, bool writable, bool hung_up) override;

  int descriptor_;
  const std::string name_;
  const PeerOf peer_of_;
  EventLoop* loop_ = nullptr;
  Accept accept_;
  Paused on_pause_;
  bool paused_ = false;
};

}  // namespace busrt::transport
