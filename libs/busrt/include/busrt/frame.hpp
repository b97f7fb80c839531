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

/// Returns a view of a payload as text. A payload is bytes; this function does not check an encoding.
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}
/// Returns a view of text as a payload.
[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// A received message, broadcast or publication.
///
/// A frame shares ownership of the receive buffer that its views point into. Copying is therefore cheap, and
/// the views are valid as long as any copy exists. A frame that is kept can keep up to
/// limits::read_chunk_bytes of memory; copy the payload out instead.
///
/// Thread safety: several threads may read one object. Assigning to it while another thread reads is a data
/// race.
class Frame {
 public:
  Frame() = default;
  /// Makes a frame; for the library and for tests. The views must point into `storage`.
  Frame(FrameKind kind, bool realtime, std::string_view sender, std::string_view topic,
        std::span<const std::byte> payload, std::shared_ptr<const void> storage) noexcept
      : storage_(std::move(storage)),
        sender_(sender),
        topic_(topic),
        payload_(payload),
        kind_(kind),
        realtime_(realtime) {}

  /// Returns message, broadcast or publish; nop for an empty frame.
  [[nodiscard]] FrameKind kind() const noexcept { return kind_; }
  /// Returns true if the sender used QoS realtime or realtime-processed.
  [[nodiscard]] bool realtime() const noexcept { return realtime_; }
  /// Returns the sender's full name, including a secondary's suffix.
  [[nodiscard]] std::string_view sender() const noexcept { return sender_; }
  /// Returns the name of the sender's primary client.
  [[nodiscard]] std::string_view primary_sender() const noexcept { return primary_name(sender_); }
  /// Returns the topic of a publication; empty for the other kinds.
  [[nodiscard]] std::string_view topic() const noexcept { return topic_; }
  /// Returns the payload's bytes.
  [[nodiscard]] std::span<const std::byte> payload() const noexcept { return payload_; }
  /// Returns the payload as text, without a check of its encoding.
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
