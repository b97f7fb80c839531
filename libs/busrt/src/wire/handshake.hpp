// Both sides of the handshake, as state machines that take bytes and give bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/error.hpp"

namespace busrt::wire {

/// The broker's side: greeting out, greeting in, ok out, name in; then the broker decides and answers.
class BrokerHandshake {
 public:
  enum class State : std::uint8_t { greeting, name_length, name, done, rejected };

  /// Writes the greeting that opens every connection.
  static void begin(base::ByteBuffer& out);

  /// Takes what it can from `input`, appends answers to `out`, and returns how many bytes it took. Bytes
  /// after the name are left: a client that does not wait for the answer is not wrong, only early.
  std::size_t feed(std::span<const std::byte> input, base::ByteBuffer& out);

  [[nodiscard]] State state() const noexcept { return state_; }
  /// done: the name as sent, valid UTF-8, not empty, not reserved, within limits::max_name_bytes.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// rejected: why, for the log. The answer is already in `out`.
  [[nodiscard]] const char* reason() const noexcept { return reason_; }

 private:
  void reject(base::ByteBuffer& out, errc code, const char* why);

  State state_ = State::greeting;
  std::array<std::byte, 3> small_{};  // greeting or name length as it trickles in
  std::size_t have_ = 0;
  std::size_t name_bytes_ = 0;
  std::string name_;
  const char* reason_ = nullptr;
};

/// The client's side.
class ClientHandshake {
 public:
  enum class State : std::uint8_t { greeting, greeting_answer, name_answer, done, failed };

  explicit ClientHandshake(std::string_view name) : name_(name) {}

  /// As BrokerHandshake::feed. Bytes after the last answer are left for the frame decoder.
  std::size_t feed(std::span<const std::byte> input, base::ByteBuffer& out);

  [[nodiscard]] State state() const noexcept { return state_; }
  /// failed: the broker's refusal (the byte as it came, which need not be a known errc), errc::not_supported
  /// for a peer that is no BUS/RT broker, or errc::data for a name that is longer than the wire can say.
  [[nodiscard]] errc error() const noexcept { return error_; }

 private:
  State state_ = State::greeting;
  std::array<std::byte, 3> small_{};
  std::size_t have_ = 0;
  std::string name_;
  errc error_ = errc::ok;
};

}  // namespace busrt::wire
