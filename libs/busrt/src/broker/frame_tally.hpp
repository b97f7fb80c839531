// Counts the frames in a stream of the broker's bytes that did not reach their client.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace busrt::broker {

/// Follows what one client is sent from the greeting on, in pieces of any length.
class FrameTally {
 public:
  /// These came next, and have been handed on.
  void sent(std::span<const std::byte> bytes) noexcept { (void)walk(bytes); }
  /// These came next, and never will be. Returns how many frames end within them, acks and nops left out. A
  /// frame of which the rest never came is its queue's to count.
  [[nodiscard]] std::uint64_t lost(std::span<const std::byte> bytes) noexcept { return walk(bytes); }

 private:
  std::uint64_t walk(std::span<const std::byte> bytes) noexcept;

  /// The broker's answers in a handshake: greeting, version and name accepted.
  static constexpr std::size_t handshake_bytes = 5;
  static constexpr std::size_t header_bytes = 6;

  std::size_t skip_ = handshake_bytes;  // bytes until the next header
  bool in_body_ = false;                // of a data frame, which ends with them
  std::array<std::byte, header_bytes> header_{};
  std::size_t header_size_ = 0;
};

}  // namespace busrt::broker
