// A frame as a client receives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "busrt/export.hpp"
#include "busrt/protocol.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Views a payload as text. Payloads are bytes; this says nothing about their encoding.
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
/// Views text as a payload.
[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// A received message, broadcast or publication.
///
/// Holds a share of the receive buffer that its views point into, so copying is cheap and the views live as
/// long as any copy. A frame kept for long therefore keeps up to limits::read_chunk_bytes alive: copy the
/// payload out instead. Safe to read from several threads; not to assign to while another reads.
class Frame {
 public:
  Frame() = default;
  /// For the library and for tests: the views must point into `storage`.
  Frame(FrameKind kind, bool realtime, std::string_view sender, std::string_view topic,
        std::span<const std::byte> payload, std::shared_ptr<const void> storage) noexcept
      : storage_(std::move(storage)),
        sender_(sender),
        topic_(topic),
        payload_(payload),
        kind_(kind),
        realtime_(realtime) {}

  /// Message, broadcast or publication; nop for a frame that is empty.
  [[nodiscard]] FrameKind kind() const noexcept { return kind_; }
  /// True where the sender asked for QoS realtime.
  [[nodiscard]] bool realtime() const noexcept { return realtime_; }
  /// The sender's full name, a secondary's suffix included.
  [[nodiscard]] std::string_view sender() const noexcept { return sender_; }
  /// The name of the sender's primary client.
  [[nodiscard]] std::string_view primary_sender() const noexcept { return primary_name(sender_); }
  /// The topic of a publication; empty for the other kinds.
  [[nodiscard]] std::string_view topic() const noexcept { return topic_; }
  /// The payload's bytes.
  [[nodiscard]] std::span<const std::byte> payload() const noexcept { return payload_; }
  /// The payload as text, whatever its encoding is.
  [[nodiscard]] std::string_view text() const noexcept { return as_text(payload_); }

 private:
  std::shared_ptr<const void> storage_;
  std::string_view sender_;
  std::string_view topic_;
  std::span<const std::byte> payload_;
  FrameKind kind_ = FrameKind::nop;
  bool realtime_ = false;
};

}  // namespace busrt
BUSRT_API_END
