// A blocking stream socket, as lean as a benchmark's clients need it: what is measured should be the broker
// and the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// A connection, closed at the end. Every failure throws std::runtime_error naming what failed.
class Socket {
 public:
  [[nodiscard]] static Socket unix_stream(const std::string& path);
  /// TCP to this host alone, without Nagle's delay.
  [[nodiscard]] static Socket loopback(std::uint16_t port);
  Socket(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket();

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  /// Blocks until there is something; valid until the next call. Throws at the end of the stream.
  [[nodiscard]] std::span<const std::byte> read();
  /// Exactly the next `count` bytes, and nothing beyond them: for handshakes.
  [[nodiscard]] std::vector<std::byte> read_exactly(std::size_t count);
  /// The next line without its end, and nothing beyond it: for the handshakes of text protocols.
  [[nodiscard]] std::string read_line();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}

  int descriptor_ = -1;
  std::vector<std::byte> buffer_;
};

/// Where a broker listens: a unix socket, or where `path` is empty a port of the loopback interface.
struct Endpoint {
  std::string path;
  std::uint16_t port = 0;

  [[nodiscard]] Socket connect() const {
    return path.empty() ? Socket::loopback(port) : Socket::unix_stream(path);
  }
};

/// A port of the loopback interface that nobody listens on now.
[[nodiscard]] std::uint16_t free_loopback_port();

}  // namespace bench
