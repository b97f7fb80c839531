// Receives bytes into chunks and decodes frames, which share these chunks. A chunk is used again when the
// last frame that points into it is gone. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "busrt/error.hpp"
#include "busrt/frame.hpp"

namespace busrt::detail {

struct Ack {
  std::uint32_t op_id;
  std::uint8_t code;
};

/// What one read brought.
struct Batch {
  std::vector<Frame> frames;
  std::size_t frame_bytes = 0;  ///< names and payloads of `frames`
  std::vector<Ack> acks;
  std::size_t oversized = 0;        ///< frames over the limit that begin here and are passed over
  std::size_t oversized_bytes = 0;  ///< of the last of them

  void clear() {
    frames.clear();
    acks.clear();
    frame_bytes = oversized = oversized_bytes = 0;
  }
};

class ChunkPool;

/// Thread safety: one thread at a time. The frames that it makes may go to any thread.
class FrameReader {
 public:
  /// `max_body` as in wire::decode_delivery.
  explicit FrameReader(std::uint32_t max_body);

  /// Returns the room for the next read; never empty. A frame larger than a chunk gets room as its bytes
  /// arrive, not by its announced length. Each byte is moved at most three times on average, however small
  /// the reads are: a move leaves room for a fixed part of the bytes that it moves.
  [[nodiscard]] std::span<std::byte> room();
  /// Adds `count` bytes that were read into room().
  void commit(std::size_t count);

  /// The bytes that are not decoded yet, for the handshake before the first frame.
  [[nodiscard]] std::span<const std::byte> unread() const noexcept;
  void consume(std::size_t count) noexcept { begin_ += count; }

  /// Decodes every whole frame into `batch`. It counts a frame over the limit there, and skips its bytes as
  /// they arrive. Errors: errc::data if the bytes are no frame; the connection cannot be used after that.
  [[nodiscard]] Result<> decode(Batch& batch);

  /// Frees the memory that a burst has needed. To be called when the connection has been quiet for a while.
  void shrink();
  [[nodiscard]] std::size_t chunk_bytes() const noexcept { return chunk_bytes_; }

  /// An idle client holds one chunk of this size.
  static constexpr std::size_t first_chunk_bytes = 16U << 10;

 private:
  /// Whether the next read needs another chunk, into which the unread bytes move.
  [[nodiscard]] bool must_move() const noexcept;
  [[nodiscard]] std::size_t next_capacity() const noexcept;
  void move_to_new_chunk(std::size_t capacity);
  /// Drops the received bytes of a frame that is skipped. Returns false while more of it is to come.
  bool skip_oversized() noexcept;

  std::shared_ptr<ChunkPool> pool_;
  std::uint32_t max_body_;
  std::size_t chunk_bytes_ =
      first_chunk_bytes;  // size of the next chunk: doubles while reads fill their room
  std::shared_ptr<std::byte> chunk_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t frame_bytes_ = 0;    // bytes of the frame at begin_, as far as known
  std::size_t bytes_to_skip_ = 0;  // bytes from begin_ on that belong to a frame over the limit
};

}  // namespace busrt::detail
