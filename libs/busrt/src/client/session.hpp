// The receiving half of the protocol as a state machine: handshake first, then frames. Bytes in; frames, acks
// and handshake answers out. It has no socket, no clock and no thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/error.hpp"
#include "client/frame_reader.hpp"
#include "wire/handshake.hpp"

namespace busrt::detail {

class Session {
 public:
  Session(std::string_view name, std::uint32_t max_body) : handshake_(name), reader_(max_body) {}

  [[nodiscard]] std::span<std::byte> room() { return reader_.room(); }

  /// Takes the `count` bytes that were read into room(). It appends handshake answers to `answers`, and
  /// received frames and acks to `batch`. Errors end the connection: the broker's refusal during the
  /// handshake, errc::io for bytes that are no frame.
  [[nodiscard]] Result<> advance(std::size_t count, base::ByteBuffer& answers, Batch& batch);

  /// Returns true once the broker has registered the name.
  [[nodiscard]] bool registered() const noexcept {
    return handshake_.state() == wire::ClientHandshake::State::done;
  }
  void shrink() { reader_.shrink(); }

 private:
  wire::ClientHandshake handshake_;
  FrameReader reader_;
};

}  // namespace busrt::detail
