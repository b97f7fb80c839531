// Frames without ack on the present connection, and how many of them the broker is known to have handled.
//
// The model. That bytes were written says nothing about their arrival. A broker handles requests in order, so
// the ack of a later operation confirms every frame without ack before it. Where no such operation follows, a
// probe does: an operation that changes nothing and is acknowledged by any broker.
//
//   unknown = sent - confirmed
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace busrt::detail {

/// Not thread-safe.
class UnackedFrames {
 public:
  void add() noexcept { ++sent_; }
  /// The number of frames so far. An operation with ack that is sent now confirms that many.
  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  /// The number of frames that are not known to have been handled.
  [[nodiscard]] std::uint64_t unknown() const noexcept { return sent_ - confirmed_; }

  void probe_sent(std::uint32_t op_id) noexcept { probe_ = op_id; }
  /// An operation is acknowledged that was sent behind `frames` frames without ack.
  void acknowledged(std::uint32_t op_id, std::uint64_t frames) noexcept {
    confirmed_ = std::max(confirmed_, frames);
    if (probe_ == op_id) probe_.reset();
  }
  /// Begins anew for the next connection. Returns the probe that was not acknowledged.
  [[nodiscard]] std::optional<std::uint32_t> connection_closed() noexcept {
    sent_ = confirmed_ = 0;
    return std::exchange(probe_, std::nullopt);
  }

 private:
  std::uint64_t sent_ = 0;
  std::uint64_t confirmed_ = 0;
  std::optional<std::uint32_t> probe_;
};

}  // namespace busrt::detail
