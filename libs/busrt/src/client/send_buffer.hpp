// The outgoing bytes of one connection and the write lane that carries them.
//
// The model. Requests are encoded into `queued`. The holder of the write lane takes all of it by swap; these
// bytes are then in flight until the connection has written them. One thread at a time holds the lane.
//
//   outgoing = queued + in flight     bounded by the capacity; a larger frame goes alone
//   written  <= exposed               exposed bytes may have reached the broker, but are not known to be
//   written
//
// Positions count from the first byte of the present connection, its handshake included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "busrt/base/byte_buffer.hpp"

namespace busrt::detail {

/// Not thread-safe. No I/O.
class SendBuffer {
 public:
  explicit SendBuffer(std::size_t capacity) : capacity_(capacity) {}

  /// Requests are appended here.
  [[nodiscard]] base::ByteBuffer& queued() noexcept { return queued_; }
  [[nodiscard]] const base::ByteBuffer& queued() const noexcept { return queued_; }

  [[nodiscard]] std::size_t outgoing_bytes() const noexcept { return queued_.size() + in_flight_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  /// The position of the next byte that is queued.
  [[nodiscard]] std::uint64_t end_position() const noexcept { return written_ + outgoing_bytes(); }
  /// The position up to which bytes may have reached the broker.
  [[nodiscard]] std::uint64_t exposed() const noexcept { return exposed_; }
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept {
    const std::size_t used = outgoing_bytes();
    return used == 0 || used + bytes <= capacity_;
  }
  [[nodiscard]] bool at_most_half_full() const noexcept { return outgoing_bytes() <= capacity_ / 2; }

  [[nodiscard]] bool lane_busy() const noexcept { return lane_busy_; }
  /// Returns false if another thread holds the lane.
  [[nodiscard]] bool claim_lane() noexcept { return !std::exchange(lane_busy_, true); }
  void release_lane() noexcept { lane_busy_ = false; }
  /// Returns false if a flush is scheduled already.
  [[nodiscard]] bool schedule_flush() noexcept { return !std::exchange(flush_scheduled_, true); }
  void flush_begins() noexcept { flush_scheduled_ = false; }

  /// Gives the lane's holder everything that is queued. `writing` must be empty; its memory is used again.
  void take(base::ByteBuffer& writing) noexcept {
    std::swap(queued_, writing);
    in_flight_ = writing.size();
  }
  /// Returns the part of `writing` that is still to be written. The broker may have all of it before the
  /// write returns.
  [[nodiscard]] std::span<const std::byte> expose(const base::ByteBuffer& writing) noexcept {
    const auto rest = writing.data().last(in_flight_);
    exposed_ = written_ + rest.size();
    return rest;
  }
  /// The write has returned; `count` of the exposed bytes may have reached the broker.
  void reached(std::size_t count) noexcept { exposed_ = written_ + count; }
  /// The connection has written `count` bytes.
  void wrote(std::size_t count) noexcept {
    in_flight_ -= count;
    written_ += count;
  }

  void connection_opened() noexcept { written_ = exposed_ = 0; }
  /// Drops all bytes, frees their memory and frees the lane. exposed() keeps its value.
  void connection_closed() noexcept {
    queued_.release();
    in_flight_ = 0;
    lane_busy_ = flush_scheduled_ = false;
  }

 private:
  const std::size_t capacity_;
  base::ByteBuffer queued_;
  std::size_t in_flight_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t exposed_ = 0;
  bool lane_busy_ = false;
  bool flush_scheduled_ = false;
};

}  // namespace busrt::detail
