// The scripted peer's unix socket.
#include "peer_transport.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

#include "busrt_testing/wire_client.hpp"

namespace busrt_testing {

namespace {

[[noreturn]] void fail_call(const std::string& what) {
  fail_step(what + ": " + std::generic_category().message(errno));
}

class UnixPeer final : public PeerTransport {
 public:
  explicit UnixPeer(const std::string& path) {
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    if (path.size() >= sizeof name.sun_path) fail_step("the temporary directory's path is too long");
    std::memcpy(name.sun_path, path.data(), path.size());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener_ < 0) fail_call("socket");
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&name), sizeof name) != 0) fail_call("bind");
    if (::listen(listener_, 8) != 0) fail_call("listen");
  }
  ~UnixPeer() override {
    UnixPeer::close();
    ::close(listener_);
  }
  UnixPeer(const UnixPeer&) = delete;
  UnixPeer& operator=(const UnixPeer&) = delete;

  void accept() override {
    close();
    wait_readable(listener_);
    connection_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection_ < 0) fail_call("accept");
  }

  void close() override {
    if (connection_ >= 0) ::close(std::exchange(connection_, -1));
  }

  void send(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto sent = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) fail_call("send");
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  std::size_t send_some(std::string_view bytes) override {
    const auto sent = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) fail_call("send");
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }

  std::size_t read_some(char* room, std::size_t size) override {
    wait_readable(connection_);
    const auto got = ::recv(connection_, room, size, 0);
    if (got < 0 && errno != ECONNRESET) fail_call("recv");
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }

 private:
  static void wait_readable(int descriptor) {
    pollfd ready{descriptor, POLLIN, 0};
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience);
    if (::poll(&ready, 1, static_cast<int>(limit.count())) <= 0) fail_step("nothing came from the client");
  }

  int listener_ = -1;
  int connection_ = -1;
};

}  // namespace

std::unique_ptr<PeerTransport> listen_ipc(const std::string& address) {
  return std::make_unique<UnixPeer>(address);
}

}  // namespace busrt_testing
