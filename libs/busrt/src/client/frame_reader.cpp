#include "client/frame_reader.hpp"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "busrt/limits.hpp"
#include "wire/codec.hpp"

namespace busrt::detail {

/// Chunks that came back, kept for the next read. The mutex is also what orders the last look at a chunk, on
/// whatever thread, before the bytes that are read into it next.
class ChunkPool : public std::enable_shared_from_this<ChunkPool> {
 public:
  [[nodiscard]] std::shared_ptr<std::byte> get(std::size_t bytes) {
    std::unique_ptr<std::byte[]> memory;
    {
      const std::lock_guard lock(mutex_);
      if (bytes == spare_bytes_ && !spares_.empty()) {
        memory = std::move(spares_.back());
        spares_.pop_back();
      }
    }
    if (!memory) memory = std::make_unique_for_overwrite<std::byte[]>(bytes);
    auto* const raw = memory.release();
    return {raw, [pool = shared_from_this(), bytes](std::byte* returned) {
              pool->put(std::unique_ptr<std::byte[]>(returned), bytes);
            }};
  }

  /// Keeps chunks of this size from now on.
  void keep(std::size_t bytes) {
    std::vector<std::unique_ptr<std::byte[]>> dropped;
    const std::lock_guard lock(mutex_);
    if (spare_bytes_ == bytes) return;
    spare_bytes_ = bytes;
    dropped.swap(spares_);
  }
  void drop_spares() {
    std::vector<std::unique_ptr<std::byte[]>> dropped;
    const std::lock_guard lock(mutex_);
    dropped.swap(spares_);
  }

 private:
  // One being filled, one being consumed, one between them.
  static constexpr std::size_t max_spares = 2;

  void put(std::unique_ptr<std::byte[]> memory, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes == spare_bytes_ && spares_.size() < max_spares) spares_.push_back(std::move(memory));
  }

  std::mutex mutex_;
  std::size_t spare_bytes_ = FrameReader::first_chunk_bytes;
  std::vector<std::unique_ptr<std::byte[]>> spares_;
};

FrameReader::FrameReader(std::uint32_t max_body)
    : pool_(std::make_shared<ChunkPool>()), max_body_(max_body) {}

void FrameReader::move_to_new_chunk(std::size_t capacity) {
  auto next = pool_->get(capacity);
  const std::size_t left = end_ - begin_;
  if (left != 0) std::memcpy(next.get(), chunk_.get() + begin_, left);
  chunk_ = std::move(next);
  capacity_ = capacity;
  begin_ = 0;
  end_ = left;
}

bool FrameReader::must_move() const noexcept {
  if (end_ == capacity_) return true;
  const bool cramped = capacity_ - end_ < std::min(chunk_bytes_, capacity_) / 4;
  // A frame that ends in this chunk is read here, unless little of it would move and a new chunk has more
  // room.
  if (capacity_ - begin_ >= frame_bytes_) return cramped && end_ - begin_ <= chunk_bytes_ / 2;
  // A frame that fits in a new chunk moves once. A larger one moves when its bytes have filled this one.
  return cramped || frame_bytes_ <= chunk_bytes_;
}

std::size_t FrameReader::next_capacity() const noexcept {
  if (frame_bytes_ <= chunk_bytes_) return chunk_bytes_;
  return std::min(frame_bytes_, std::max(chunk_bytes_, (end_ - begin_) * 2));
}

std::span<std::byte> FrameReader::room() {
  if (must_move()) move_to_new_chunk(next_capacity());
  return {chunk_.get() + end_, capacity_ - end_};
}

void FrameReader::commit(std::size_t count) {
  const bool filled = count == capacity_ - end_;
  end_ += count;
  if (filled && chunk_bytes_ < limits::read_chunk_bytes && count >= chunk_bytes_ / 2) {
    chunk_bytes_ *= 2;
    pool_->keep(chunk_bytes_);
  }
}

std::span<const std::byte> FrameReader::unread() const noexcept {
  return {chunk_.get() + begin_, end_ - begin_};
}

bool FrameReader::skip_oversized() noexcept {
  const std::size_t here = std::min(bytes_to_skip_, end_ - begin_);
  begin_ += here;
  bytes_to_skip_ -= here;
  return bytes_to_skip_ == 0;
}

Result<> FrameReader::decode(Batch& batch) {
  wire::Delivery delivery;
  while (skip_oversized()) {
    const auto decoded = wire::decode_delivery(unread(), max_body_, delivery);
    if (decoded.status == wire::Decoded::Status::need_more) {
      frame_bytes_ = decoded.size;
      return {};
    }
    if (decoded.status == wire::Decoded::Status::malformed) return fail(errc::data, decoded.reason);
    if (decoded.status == wire::Decoded::Status::too_large) {
      ++batch.oversized;
      batch.oversized_bytes = bytes_to_skip_ = decoded.size;
      continue;
    }
    switch (delivery.kind) {
      case FrameKind::nop:
        break;
      case FrameKind::ack:
        batch.acks.push_back({delivery.ack_op_id, delivery.ack_code});
        break;
      case FrameKind::publish:
      case FrameKind::message:
      case FrameKind::broadcast:
        batch.frames.emplace_back(delivery.kind, delivery.realtime, delivery.sender, delivery.topic,
                                  delivery.payload, chunk_);
        batch.frame_bytes += decoded.size;
        break;
    }
    begin_ += decoded.size;
  }
  frame_bytes_ = 0;
  return {};
}

void FrameReader::shrink() {
  if (begin_ != end_ || chunk_bytes_ == first_chunk_bytes) return;
  chunk_bytes_ = first_chunk_bytes;
  pool_->keep(chunk_bytes_);
  chunk_.reset();
  capacity_ = begin_ = end_ = frame_bytes_ = 0;
}

}  // namespace busrt::detail
