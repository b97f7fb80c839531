// Traffic of `.broker`, the broker's own client.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "busrt/broker_stats.hpp"
#include "busrt/protocol.hpp"

namespace busrt::broker {

/// Thread-safe.
class OwnTraffic {
 public:
  /// Counts a frame of the broker's own: an answer or an announcement.
  void count_answer(std::size_t bytes) noexcept {
    frames_in_.fetch_add(1, std::memory_order_relaxed);
    bytes_in_.fetch_add(bytes, std::memory_order_relaxed);
  }
  /// Counts a frame that a client sent to `.broker`.
  void count_question(std::size_t bytes) noexcept {
    frames_out_.fetch_add(1, std::memory_order_relaxed);
    bytes_out_.fetch_add(bytes, std::memory_order_relaxed);
  }
  /// Returns `.broker` as a client, as the reference broker lists it.
  [[nodiscard]] ClientInfo info() const {
    ClientInfo info;
    info.name = broker_name;
    info.kind = "internal";
    info.frames_in = frames_in_.load(std::memory_order_relaxed);
    info.bytes_in = bytes_in_.load(std::memory_order_relaxed);
    info.frames_out = frames_out_.load(std::memory_order_relaxed);
    info.bytes_out = bytes_out_.load(std::memory_order_relaxed);
    return info;
  }

 private:
  std::atomic<std::uint64_t> frames_in_{0}, bytes_in_{0}, frames_out_{0}, bytes_out_{0};
};

}  // namespace busrt::broker
