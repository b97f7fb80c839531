// Input of a session that is not handled yet: a frame of which the end has not arrived, or frames that were
// left when the session was blocked.
//
// Frames are read into the shard's one read buffer and handled there. What is left moves here. A frame that
// does not fit in the read buffer, or of which much has arrived, is read here directly, so that small reads
// do not copy it again and again. The buffer at most doubles when bytes have filled it, so that a length that
// lies costs its sender as much as the broker.
#pragma once

#include <cstddef>
#include <span>

#include "broker/memory.hpp"
#include "busrt/base/byte_buffer.hpp"
#include "busrt/limits.hpp"

namespace busrt::broker {

/// Belongs to one shard's thread. What it holds is charged to the account, which must outlive it.
class InputBuffer {
 public:
  explicit InputBuffer(MemoryAccount& account) noexcept : account_(account) {}
  ~InputBuffer() { account_.subtract(charged_); }
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;

  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] std::span<const std::byte> data() const noexcept { return bytes_.data(); }

  /// The frame at the front is known to need so many bytes; 0: not known.
  void expect(std::size_t frame_bytes) noexcept { expected_ = frame_bytes; }
  /// True if the next read goes here and not into the shard's read buffer.
  [[nodiscard]] bool gathers() const noexcept {
    return expected_ > limits::read_chunk_bytes || bytes_.size() > copied_bytes;
  }
  /// Room for the next read; commit() what was read.
  [[nodiscard]] std::span<std::byte> prepare();
  void commit(std::size_t size) { bytes_.commit(size); }
  /// True if the frame at the front may be whole.
  [[nodiscard]] bool has_expected() const noexcept { return bytes_.size() >= expected_; }

  /// Replaces the content by what is left of the shard's read buffer.
  void keep(std::span<const std::byte> rest);
  void consume(std::size_t size) { bytes_.consume(size); }
  /// Gives the memory back if nothing is left.
  void release_if_empty() {
    if (bytes_.empty()) bytes_.release();
  }
  /// Brings the account up to the buffer's memory. True if it has grown.
  bool charge();

 private:
  /// Bytes of an unfinished frame that may be copied before and after a read, which then takes what is behind
  /// the frame as well. The copies take less time than the read itself.
  static constexpr std::size_t copied_bytes = 16U << 10;

  MemoryAccount& account_;
  base::ByteBuffer bytes_;
  std::size_t expected_ = 0;
  std::size_t charged_ = 0;
};

}  // namespace busrt::broker
