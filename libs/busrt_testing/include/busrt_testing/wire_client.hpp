// A client for tests and benchmarks that speaks the wire protocol byte by byte. It does exactly what the test
// says, including mistakes. All calls block. Thread safety: one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/byte_buffer.hpp"
#include "busrt/error.hpp"
#include "busrt/local_endpoint.hpp"
#include "busrt/protocol.hpp"

namespace busrt_testing {

/// Limit of each read. When it passes, the test has failed. It is far above what a healthy machine needs.
inline constexpr std::chrono::seconds patience{20};

/// The byte stream of a WireClient. Errors: reading past the limit, or writing to a closed peer, throws
/// std::runtime_error.
class Channel {
 public:
  virtual ~Channel() = default;
  /// Writes all bytes.
  virtual void write(std::span<const std::byte> bytes) = 0;
  /// Waits for at least one byte and returns the number of bytes read; 0 at the end of the stream.
  [[nodiscard]] virtual std::size_t read(std::span<std::byte> room, std::chrono::milliseconds limit) = 0;
  /// Returns true if bytes, or the end of the stream, can be read within `limit`.
  [[nodiscard]] virtual bool readable(std::chrono::milliseconds limit) = 0;
  /// Closes the stream.
  virtual void close() = 0;
};

/// Connects to a unix socket. Linux only.
[[nodiscard]] std::unique_ptr<Channel> connect_unix(const std::string& path);
/// Connects to a unix socket or, on Windows, to a named pipe. It takes an address from ipc_address_in().
[[nodiscard]] std::unique_ptr<Channel> connect_ipc(const std::string& address);
/// Connects to a port of 127.0.0.1.
[[nodiscard]] std::unique_ptr<Channel> connect_tcp(unsigned port);
/// Connects to a broker of this process.
[[nodiscard]] std::unique_ptr<Channel> connect_inproc(const busrt::LocalEndpoint& endpoint);

/// A received frame or ack, with copies of its parts.
struct Received {
  busrt::FrameKind kind = busrt::FrameKind::nop;
  bool realtime = false;
  std::string sender;
  std::string topic;
  std::string payload;
  std::uint32_t ack_op_id = 0;
  std::uint8_t ack_code = 0;
};

/// The client.
class WireClient {
 public:
  /// Takes a new connection, before the handshake.
  explicit WireClient(std::unique_ptr<Channel> channel);
  /// Takes a new connection and carries out the handshake. Errors: throws std::runtime_error if the broker
  /// refuses it.
  WireClient(std::unique_ptr<Channel> channel, std::string_view name);

  /// Carries out the handshake. Returns errc::ok or the broker's refusal.
  busrt::errc register_as(std::string_view name);

  /// Sends raw bytes.
  void write_raw(std::span<const std::byte> bytes) { channel_->write(bytes); }
  void write_raw(std::string_view bytes) {
    channel_->write(std::as_bytes(std::span(bytes.data(), bytes.size())));
  }
  /// Sends one frame and returns its op id.
  std::uint32_t send(busrt::Op op, std::string_view target, std::string_view payload,
                     busrt::QoS qos = busrt::QoS::no, std::string_view receiver = {});
  /// Sends a frame with topic patterns and returns its op id.
  std::uint32_t topics(busrt::Op op, const std::vector<std::string_view>& patterns,
                       busrt::QoS qos = busrt::QoS::processed);
  /// Sends a ping.
  void ping();

  /// Sends one frame, waits for its ack and returns the ack's code. Other frames that arrive meanwhile are
  /// kept for next() and next_data().
  std::uint8_t confirmed(busrt::Op op, std::string_view target, std::string_view payload,
                         std::string_view receiver = {});
  /// The same for a frame with topic patterns.
  std::uint8_t confirmed_topics(busrt::Op op, const std::vector<std::string_view>& patterns);

  /// Returns the next data frame or ack. It skips nops. Errors: throws at the end of the stream, or when
  /// `patience` passes.
  [[nodiscard]] Received next();
  /// Returns the next message, broadcast or publication. Kept frames come first.
  [[nodiscard]] Received next_data();
  /// Waits for a nop.
  void wait_for_nop();
  /// Waits for at least one byte and returns the raw bytes. Empty at the end of the stream.
  [[nodiscard]] std::span<const std::byte> read_raw();
  /// Waits until the broker closes the connection, and returns true then. It discards what it reads. Errors:
  /// throws when `patience` passes.
  [[nodiscard]] bool wait_for_close();
  /// Calls a method of `.broker`. Returns the RPC payload of the reply, including the kind byte.
  [[nodiscard]] std::string call_broker(std::string_view method, std::string_view params = {});

  void close() { channel_->close(); }

 private:
  [[nodiscard]] std::optional<Received> decode();
  Received read_frame();

  std::unique_ptr<Channel> channel_;
  std::vector<std::byte> scratch_;
  busrt::base::ByteBuffer input_;
  std::vector<Received> kept_;
  std::uint32_t last_op_ = 0;
};

}  // namespace busrt_testing
