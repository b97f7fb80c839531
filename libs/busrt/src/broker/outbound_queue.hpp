// Encoded frames that wait for one connection, bounded in frames and bytes, written with one gather call per
// flush.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "broker/memory.hpp"
#include "busrt/base/byte_buffer.hpp"
#include "transport/stream.hpp"

namespace busrt::broker {

/// An encoded frame that several queues share: built once, immutable.
struct SharedFrame {
  std::shared_ptr<const std::byte[]> bytes;
  std::size_t size = 0;
};

/// Spare buffers of a shard, so that a queue holds memory only while frames wait in it.
class ChunkPool {
 public:
  /// Frames are gathered in chunks of this many bytes: a few system-call iovecs hold a full queue of small
  /// frames.
  static constexpr std::size_t chunk_bytes = 64U << 10;
  /// Chunks kept for reuse; a shard that was busy once does not keep more than this much.
  static constexpr std::size_t max_spare = 64;

  /// With room for all spares, so that giving back needs no memory.
  ChunkPool() { spare_.reserve(max_spare); }

  [[nodiscard]] base::ByteBuffer take();
  void give(base::ByteBuffer chunk);

 private:
  std::vector<base::ByteBuffer> spare_;
};

/// Used by the thread of its session's shard alone. Does not count its depth: the session does, from what
/// this returns.
class OutboundQueue {
 public:
  /// Both must outlive the queue.
  OutboundQueue(ChunkPool& pool, MemoryAccount& account) noexcept : pool_(pool), account_(account) {}
  ~OutboundQueue();
  OutboundQueue(const OutboundQueue&) = delete;
  OutboundQueue& operator=(const OutboundQueue&) = delete;

  [[nodiscard]] bool empty() const noexcept { return head_ == segments_.size(); }

  /// Room for one frame of `size` bytes, to be filled at once by the caller.
  [[nodiscard]] std::byte* append(std::size_t size);
  /// Bytes that hold `frames` whole frames.
  void append(std::span<const std::byte> frames_bytes, std::size_t frames);
  void append(const SharedFrame& frame);
  /// Bytes that are no frame (the handshake's answers): written, not counted.
  void append_raw(std::span<const std::byte> bytes);

  struct Flushed {
    std::size_t frames = 0;       ///< frames that left the queue
    std::size_t frame_bytes = 0;  ///< bytes of frames that were written
    std::size_t bytes = 0;        ///< all bytes that were written
    transport::IoResult::Status status = transport::IoResult::Status::ok;  ///< would_block: bytes are left
    int error = 0;
  };
  Flushed flush(transport::Stream& stream);

  /// Messages, broadcasts and publications not handed to the connection whole (a frame that was cut counts;
  /// acks and nops do not). Empties the queue.
  [[nodiscard]] std::size_t abandon();

 private:
  struct Segment {
    base::ByteBuffer chunk;  // or
    SharedFrame shared;
    std::size_t written = 0;
    std::size_t frames = 0;
    [[nodiscard]] std::span<const std::byte> bytes() const noexcept {
      return shared.bytes ? std::span<const std::byte>(shared.bytes.get(), shared.size) : chunk.data();
    }
  };

  Segment& tail_with_room(std::size_t size);
  void release(Segment& segment);
  void advance(std::size_t bytes, Flushed& into);

  ChunkPool& pool_;
  MemoryAccount& account_;
  std::vector<Segment> segments_;
  std::size_t head_ = 0;
};

}  // namespace busrt::broker
