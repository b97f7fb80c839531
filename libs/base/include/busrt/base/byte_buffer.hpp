// A growable run of bytes that is filled at its end and drained at its front, without zeroing what it is
// about to fill.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt::base {

/// Owned by one thread at a time. Spans into it are valid until the next call that is not const.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  /// With room for `capacity` bytes.
  explicit ByteBuffer(std::size_t capacity) { reserve(capacity); }
  /// Leaves the other empty.
  ByteBuffer(ByteBuffer&& other) noexcept
      : storage_(std::move(other.storage_)),
        capacity_(std::exchange(other.capacity_, 0)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)) {}
  /// Leaves the other empty.
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    storage_ = std::move(other.storage_);
    capacity_ = std::exchange(other.capacity_, 0);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    return *this;
  }

  /// Bytes that were filled and not drained.
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  /// True where size() is zero.
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  /// Bytes of memory that it holds.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// The bytes from front to end.
  [[nodiscard]] std::span<const std::byte> data() const noexcept { return {storage_.get() + begin_, size()}; }
  /// The bytes from front to end.
  [[nodiscard]] std::span<std::byte> data() noexcept { return {storage_.get() + begin_, size()}; }

  /// Makes room for `count` more bytes at the end and returns where they go; commit() says how many were
  /// written.
  [[nodiscard]] std::byte* prepare(std::size_t count) {
    if (capacity_ - end_ < count) make_room(count);
    return storage_.get() + end_;
  }
  /// Adds the `count` bytes that were written where prepare() said.
  void commit(std::size_t count) noexcept { end_ += count; }
  /// Bytes that prepare() can hand out without moving or allocating.
  [[nodiscard]] std::size_t tail_room() const noexcept { return capacity_ - end_; }

  /// Adds a copy of the bytes.
  void append(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  /// Adds a copy of the text's bytes.
  void append(std::string_view text) { append(std::as_bytes(std::span(text.data(), text.size()))); }

  /// Drops `count` bytes (at most size()) from the front.
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// Drops all bytes and keeps the memory.
  void clear() noexcept { begin_ = end_ = 0; }
  /// Empties the buffer and gives its memory back.
  void release() noexcept {
    clear();
    capacity_ = 0;
    storage_.reset();
  }
  /// Makes sure of room for `capacity` bytes in all.
  void reserve(std::size_t capacity) {
    if (capacity > capacity_) make_room(capacity - size());
  }

 private:
  void make_room(std::size_t count) {
    const std::size_t used = size();
    if (capacity_ - used >= count && begin_ >= used) {
      // The drained front is at least as large as what moves, so moving costs no more than growing would
      // save.
      if (used != 0) std::memcpy(storage_.get(), storage_.get() + begin_, used);
    } else {
      const std::size_t grown = std::max({capacity_ * 2, used + count, std::size_t{64}});
      auto bigger = std::make_unique_for_overwrite<std::byte[]>(grown);
      if (used != 0) std::memcpy(bigger.get(), storage_.get() + begin_, used);
      storage_ = std::move(bigger);
      capacity_ = grown;
    }
    begin_ = 0;
    end_ = used;
  }

  std::unique_ptr<std::byte[]> storage_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace busrt::base
BUSRT_API_END
