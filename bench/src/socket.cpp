#include "socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace bench {

namespace {

/// What one read() may take: more than a socket's buffer holds, so that the reader is never what bounds.
constexpr std::size_t read_bytes = 256U << 10;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

sockaddr_in loopback_address(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Socket Socket::unix_stream(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("socket path too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.descriptor_ < 0) fail("socket");
  if (::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect " + path);
  }
  return socket;
}

Socket Socket::loopback(std::uint16_t port) {
  const sockaddr_in address = loopback_address(port);
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.descriptor_ < 0) fail("socket");
  if (::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect to port " + std::to_string(port));
  }
  const int on = 1;
  ::setsockopt(socket.descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

Socket::Socket(Socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void Socket::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const auto put = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (put < 0) fail("write");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
}

void Socket::write(std::string_view text) {
  write(std::as_bytes(std::span(text.data(), text.size())));
}

std::span<const std::byte> Socket::read() {
  // Allocated by the first that reads streams: ten thousand idle connections have no use for it.
  if (buffer_.empty()) buffer_.resize(read_bytes);
  const auto got = ::read(descriptor_, buffer_.data(), buffer_.size());
  if (got < 0) fail("read");
  if (got == 0) throw std::runtime_error("disconnected by the broker");
  return std::span<const std::byte>(buffer_).first(static_cast<std::size_t>(got));
}

std::vector<std::byte> Socket::read_exactly(std::size_t count) {
  std::vector<std::byte> bytes(count);
  for (std::size_t have = 0; have < count;) {
    const auto got = ::read(descriptor_, bytes.data() + have, count - have);
    if (got < 0) fail("read");
    if (got == 0) throw std::runtime_error("disconnected by the broker");
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

std::string Socket::read_line() {
  std::string line;
  for (;;) {
    const char next = static_cast<char>(read_exactly(1)[0]);
    if (next == '\n') return line;
    if (next != '\r') line.push_back(next);
  }
}

std::uint16_t free_loopback_port() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  sockaddr_in address = loopback_address(0);
  socklen_t size = sizeof address;
  const bool bound = ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(descriptor);
  if (!bound) fail("bind to a free port");
  return ntohs(address.sin_port);
}

}  // namespace bench
