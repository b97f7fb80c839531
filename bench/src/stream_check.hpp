// Finds the messages in a byte stream and checks their sequence numbers, for any protocol.
//
// A Protocol has  static FrameInStream decode(std::span<const std::byte>)  for the front of what was
// received.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

#include "busrt/base/byte_buffer.hpp"

namespace bench {

/// What decoding the front of a stream gave.
struct FrameInStream {
  std::size_t size = 0;                ///< bytes of the whole frame; 0: not all of it is there yet
  const std::byte* payload = nullptr;  ///< of a published message; null for anything else
};

/// The next number that one subscriber must see.
class Sequence {
 public:
  /// Throws unless the number at the front of `payload` is the next one.
  void check(const std::byte* payload) {
    std::uint64_t number = 0;
    std::memcpy(&number, payload, sizeof number);
    if (number != next_) {
      throw std::runtime_error("hole: expected " + std::to_string(next_) + ", got " + std::to_string(number));
    }
    ++next_;
  }
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }

 private:
  std::uint64_t next_ = 0;
};

/// Feed it whatever a read gives. Throws on a hole and on what the protocol cannot mean.
template <class Protocol>
class StreamCheck {
 public:
  void feed(std::span<const std::byte> bytes) {
    while (!rest_.empty() && !bytes.empty()) {
      // Complete the frame that was cut, in small steps, then go on in place.
      const std::size_t step = std::min<std::size_t>(bytes.size(), 4096);
      rest_.append(bytes.first(step));
      bytes = bytes.subspan(step);
      rest_.consume(consume(rest_.data()));
    }
    rest_.append(bytes.subspan(consume(bytes)));
  }
  /// Messages so far.
  [[nodiscard]] std::uint64_t messages() const noexcept { return sequence_.next(); }

 private:
  std::size_t consume(std::span<const std::byte> bytes) {
    std::size_t used = 0;
    while (used < bytes.size()) {
      const FrameInStream frame = Protocol::decode(bytes.subspan(used));
      if (frame.size == 0) break;
      if (frame.payload != nullptr) sequence_.check(frame.payload);
      used += frame.size;
    }
    return used;
  }

  busrt::base::ByteBuffer rest_;
  Sequence sequence_;
};

}  // namespace bench
