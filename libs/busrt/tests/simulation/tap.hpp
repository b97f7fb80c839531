// Reads along what one direction of a connection carries: which frames, and where in the stream they end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "busrt/base/byte_buffer.hpp"

namespace busrt::simulation {

struct SeenFrame {
  std::uint64_t begin = 0, end = 0;  ///< in bytes of the stream
  std::uint32_t operation = 0;       ///< the number in its payload; zero: none of ours
  bool wants_ack = false;            ///< requests
  std::size_t sender = 0;            ///< deliveries: the hash of its name
  bool data = false;                 ///< message, broadcast or publication, else topics or an ack
};

/// Pings and nops are passed over.
class Tap {
 public:
  enum class Direction : std::uint8_t { requests, deliveries };
  explicit Tap(Direction direction) noexcept : direction_(direction) {}

  void feed(std::span<const std::byte> bytes);
  [[nodiscard]] std::uint64_t bytes() const noexcept { return fed_; }
  [[nodiscard]] const std::vector<SeenFrame>& frames() const noexcept { return frames_; }
  /// The last byte is not the last of its frame.
  [[nodiscard]] bool within_frame() const noexcept { return !pending_.empty(); }
  /// Frames that end within the first `bytes`.
  [[nodiscard]] std::span<const SeenFrame> within(std::uint64_t bytes) const;

 private:
  void greet();
  void read_requests();
  void read_deliveries();
  void take(std::size_t size) {
    pending_.consume(size);
    position_ += size;
  }

  Direction direction_;
  busrt::base::ByteBuffer pending_;
  std::uint64_t fed_ = 0;
  std::uint64_t position_ = 0;
  bool greeted_ = false;
  std::vector<SeenFrame> frames_;
};

}  // namespace busrt::simulation
