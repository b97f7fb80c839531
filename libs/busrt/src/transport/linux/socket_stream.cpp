// A connected stream socket watched by the loop.
#include "transport/linux/socket_stream.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace busrt::transport {

namespace {

class SocketStream final : public Stream, private Watcher {
 public:
  SocketStream(int descriptor, Peer peer) : descriptor_(descriptor), peer_(std::move(peer)) {}
  ~SocketStream() override { SocketStream::close(); }

  Result<> open(EventLoop& loop, StreamHandler& handler) override {
    loop_ = &loop;
    handler_ = &handler;
    interest_ = {.read = true, .write = false};
    auto watched = loop.watch(descriptor_, *this, interest_);
    watched_ = watched.has_value();
    return watched;
  }

  IoResult read(std::span<std::byte> room) override {
    for (;;) {
      const auto got = ::recv(descriptor_, room.data(), room.size(), MSG_DONTWAIT);
      if (got > 0) return {IoResult::Status::ok, static_cast<std::size_t>(got), 0};
      if (got == 0) return {IoResult::Status::closed, 0, 0};
      if (errno == EINTR) continue;
      return as_result(errno);
    }
  }

  IoResult write(std::span<const Part> parts) override {
    std::array<iovec, max_parts> vector;
    const std::size_t count = std::min(parts.size(), max_parts);
    for (std::size_t i = 0; i < count; ++i) {
      vector[i] = {const_cast<std::byte*>(parts[i].data()), parts[i].size()};  // sendmsg only reads them
    }
    msghdr message{};
    message.msg_iov = vector.data();
    message.msg_iovlen = count;
    for (;;) {
      const auto put = ::sendmsg(descriptor_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (put >= 0) return {IoResult::Status::ok, static_cast<std::size_t>(put), 0};
      if (errno == EINTR) continue;
      return as_result(errno);
    }
  }

  void want(Interest interest) override {
    if (!watched_ || interest == interest_) return;
    interest_ = interest;
    loop_->change(descriptor_, *this, interest);
  }

  void close() override {
    if (descriptor_ < 0) return;
    if (watched_) loop_->unwatch(descriptor_, *this);
    watched_ = false;
    ::close(std::exchange(descriptor_, -1));
  }

  [[nodiscard]] const Peer& peer() const noexcept override { return peer_; }

 private:
  static IoResult as_result(int error) noexcept {
    if (error == EAGAIN || error == EWOULDBLOCK) return {IoResult::Status::would_block, 0, 0};
    if (error == EPIPE || error == ECONNRESET) return {IoResult::Status::closed, 0, error};
    return {IoResult::Status::failed, 0, error};
  }

  void on_ready(bool readable, bool writable, bool hung_up) override {
    if (writable && interest_.write) {
      handler_->on_writable();
      if (descriptor_ < 0) return;
    }
    if ((readable || hung_up) && interest_.read) {
      handler_->on_readable();
    } else if (hung_up) {
      // Nobody wants to read now, and a hang-up would be reported for ever: stop watching until somebody
      // does.
      if (watched_) loop_->unwatch(descriptor_, *this);
      watched_ = false;
      handler_->on_hang_up();
    }
  }

  int descriptor_;
  Peer peer_;
  EventLoop* loop_ = nullptr;
  StreamHandler* handler_ = nullptr;
  Interest interest_;
  bool watched_ = false;
};

}  // namespace

std::unique_ptr<Stream> make_socket_stream(int descriptor, Peer peer) {
  return std::make_unique<SocketStream>(descriptor, std::move(peer));
}

}  // namespace busrt::transport
