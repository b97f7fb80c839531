// The leanest client that can load a broker: blocking sockets and prebuilt frames, so that a benchmark
// measures the broker and the kernel, not a client library. The same code drives ours and the reference
// broker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_buffer.hpp"
#include "busrt/protocol.hpp"

namespace bench {

/// A connected, registered client. Throws std::runtime_error naming what failed.
class RawClient {
 public:
  RawClient(const std::string& socket_path, std::string_view name);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  void write(std::span<const std::byte> bytes);
  /// Blocks until there is something. Empty at the end of the stream.
  [[nodiscard]] std::span<const std::byte> read();
  void subscribe(std::string_view pattern);
  /// Reads until a frame of this kind has arrived; returns its payload (for publish and message).
  std::vector<std::byte> wait_for(busrt::FrameKind kind);

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_ = -1;
  std::vector<std::byte> buffer_;
  base::ByteBuffer pending_;
};

/// Counts the data frames of a delivery stream and checks that the sequence numbers at the front of their
/// payloads have no hole. Feed it whatever read() gives.
class SequenceCheck {
 public:
  /// Returns the frames completed by these bytes. Throws on a hole.
  std::uint64_t feed(std::span<const std::byte> bytes);
  [[nodiscard]] std::uint64_t frames() const noexcept { return next_; }

 private:
  std::size_t consume(std::span<const std::byte> bytes);
  base::ByteBuffer rest_;
  std::uint64_t next_ = 0;
};

[[nodiscard]] int connect_unix(const std::string& path);
/// User and system CPU seconds that a process has used so far, all its threads.
[[nodiscard]] double cpu_seconds(int pid);
/// Keeps the calling process (and what it starts) on one CPU, or gives it all of them back with -1.
void pin_to(int cpu);

}  // namespace bench
