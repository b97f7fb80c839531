// A growable byte buffer. The user fills it at its end and drains it at its front. It does not zero memory
// before it is filled.
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

/// A byte buffer. Spans into it are valid until the next call of a member that is not const. Thread safety:
/// one thread at a time.
class ByteBuffer {
 public:
  ByteBuffer() = default;
  /// Makes a buffer with room for `capacity` bytes.
  explicit ByteBuffer(std::size_t capacity) { reserve(capacity); }
  /// Leaves the other buffer empty.
  ByteBuffer(ByteBuffer&& other) noexcept
      : storage_(std::move(other.storage_)),
        capacity_(std::exchange(other.capacity_, 0)),
        begin_(std::exchange(other.begin_, 0)),
        end_(std::exchange(other.end_, 0)) {}
  /// Leaves the other buffer empty.
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    storage_ = std::move(other.storage_);
    capacity_ = std::exchange(other.capacity_, 0);
    begin_ = std::exchange(other.begin_, 0);
    end_ = std::exchange(other.end_, 0);
    return *this;
  }

  /// Returns the number of bytes that were filled and not drained.
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  /// Returns true if size() is zero.
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  /// Returns the size of the allocated memory in bytes.
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  /// Returns the bytes from front to end.
  [[nodiscard]] std::span<const std::byte> data() const noexcept { return {storage_.get() + begin_, size()}; }
  /// Returns the bytes from front to end.
  [[nodiscard]] std::span<std::byte> data() noexcept { return {storage_.get() + begin_, size()}; }

  /// Makes room for `count` more bytes at the end and returns a pointer to it. After writing, call commit()
  /// with the number of bytes written.
  [[nodiscard]] std::byte* prepare(std::size_t count) {
    if (capacity_ - end_ < count) make_room(count);
    return storage_.get() + end_;
  }
  /// Adds the `count` bytes that were written to the memory from prepare().
  void commit(std::size_t count) noexcept { end_ += count; }
  /// Returns the number of bytes that prepare() can provide without moving data or allocating.
  [[nodiscard]] std::size_t tail_room() const noexcept { return capacity_ - end_; }

  /// Appends a copy of the bytes.
  void append(std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    std::memcpy(prepare(bytes.size()), bytes.data(), bytes.size());
    commit(bytes.size());
  }
  /// Appends a copy of the text's bytes.
  void append(std::string_view text) { append(std::as_bytes(std::span(text.data(), text.size()))); }

  /// Removes `count` bytes from the front; at most size().
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  /// Removes all bytes and keeps the memory.
  void clear() noexcept { begin_ = end_ = 0; }
  /// Removes all bytes and frees the memory.
  void release() noexcept {
    clear();
    capacity_ = 0;
    storage_.reset();
  }
  /// Allocates memory for `capacity` bytes in all, if there is less.
  void reserve(std::size_t capacity) {
    if (capacity > capacity_) make_room(capacity - size());
  }

 private:
  void make_room(std::size_t count) {
    const std::size_t used = size();
    if (capacity_ - used >= count && begin_ >= used) {
      // Moving is cheaper than growing: the drained front is at least as large as the bytes that move.
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
