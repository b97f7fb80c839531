// Unix and TCP sockets under a WireClient.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "busrt_testing/certificates.hpp"
#include "busrt_testing/test_address.hpp"
#include "busrt_testing/wire_client.hpp"

namespace busrt_testing {

namespace {

class SocketChannel final : public Channel {
 public:
  explicit SocketChannel(int descriptor) : descriptor_(descriptor) {}
  ~SocketChannel() override { SocketChannel::close(); }

  void write(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const auto put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put < 0) throw std::runtime_error(std::string("write: ") + std::strerror(errno));
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
  }

  std::size_t read(std::span<std::byte> room, std::chrono::milliseconds limit) override {
    if (!readable(limit)) throw std::runtime_error("nothing arrived in time");
    const auto got = ::recv(descriptor_, room.data(), room.size(), 0);
    if (got < 0 && errno != ECONNRESET)
      throw std::runtime_error(std::string("read: ") + std::strerror(errno));
    return got < 0 ? 0 : static_cast<std::size_t>(got);
  }

  bool readable(std::chrono::milliseconds limit) override {
    pollfd entry{descriptor_, POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(limit.count())) > 0;
  }

  void close() override {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
  }

 private:
  int descriptor_ = -1;
};

/// A connected descriptor.
template <class Address>
int connect_to(const Address& address, const std::string& name) {
  const auto& generic = reinterpret_cast<const sockaddr&>(address);
  const int descriptor = ::socket(generic.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(descriptor, &generic, sizeof address) != 0) {
    const int error = errno;
    ::close(descriptor);
    throw std::runtime_error("cannot connect to " + name + ": " + std::strerror(error));
  }
  return descriptor;
}

}  // namespace

std::unique_ptr<Channel> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("socket path too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return std::make_unique<SocketChannel>(connect_to(address, path));
}

std::unique_ptr<Channel> connect_ipc(const std::string& address) {
  return connect_unix(address);
}

std::string ipc_address_in(const std::filesystem::path& directory) {
  return (directory / "bus.sock").string();
}

std::unique_ptr<Channel> connect_tcp(unsigned port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return std::make_unique<SocketChannel>(connect_to(address, "port " + std::to_string(port)));
}

unsigned free_tcp_port() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  socklen_t length = sizeof address;
  if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no free port");
  }
  ::close(descriptor);
  return ntohs(address.sin_port);
}

}  // namespace busrt_testing
