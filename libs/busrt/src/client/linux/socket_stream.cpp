// The client's stream over a socket. Asio reports readiness; the system calls are made here.

#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cerrno>
#include <mutex>
#include <utility>

#include "client/stream.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;
using Socket = asio::generic::stream_protocol::socket;

struct ReadHandler {
  std::shared_ptr<StreamEvents> events;
  void operator()(boost::system::error_code error, std::size_t bytes) const {
    if (error && error != asio::error::eof) {
      events->on_read(fail(errc::io, "read: " + error.message()));
    } else {
      events->on_read(bytes);
    }
  }
};

class SocketStream final : public Stream {
 public:
  explicit SocketStream(Socket socket) : socket_(std::move(socket)), descriptor_(socket_.native_handle()) {}

  void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) override {
    // async_read_some, not async_wait: after a short read Asio knows that the socket is drained and neither
    // tries again nor touches epoll, so a wake costs epoll_wait and recv alone.
    const std::lock_guard lock(mutex_);
    socket_.async_read_some(asio::buffer(room.data(), room.size()), ReadHandler{std::move(events)});
  }

  Result<std::size_t> write(std::span<const std::byte> bytes) override {
    for (;;) {
      const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent > 0) return static_cast<std::size_t>(sent);
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) return fail(errc::would_block);
      return fail(errc::io, std::string("write: ") + std::generic_category().message(errno));
    }
  }

  void wait_writable(std::shared_ptr<StreamEvents> events) override {
    const std::lock_guard lock(mutex_);
    socket_.async_wait(Socket::wait_write,
                       [waiting = std::move(events)](boost::system::error_code) { waiting->on_writable(); });
  }

  void close() override {
    // Shutting down wakes what is outstanding and leaves the descriptor's number taken, so that a write under
    // way on another thread cannot reach a socket of another owner.
    ::shutdown(descriptor_, SHUT_RDWR);
  }

 private:
  std::mutex mutex_;  // Asio's sockets do not bear two operations being started at once
  Socket socket_;
  const int descriptor_;
};

}  // namespace

Result<std::unique_ptr<Stream>> make_socket_stream(const asio::any_io_executor& executor, int descriptor) {
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  Socket socket(executor);
  boost::system::error_code error;
  socket.assign(asio::generic::stream_protocol(address.ss_family, 0), descriptor, error);
  if (!error) socket.native_non_blocking(true, error);
  if (error) {
    if (!socket.is_open()) ::close(descriptor);
    return fail(errc::io, "cannot watch the connection: " + error.message());
  }
  return std::make_unique<SocketStream>(std::move(socket));
}

}  // namespace busrt::detail
