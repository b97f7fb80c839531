// A client that speaks the wire protocol byte by byte and does exactly what a test (or a benchmark) tells it,
// mistakes included. Blocking; one thread.
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

/// How long a read waits before the test is given up as failed: far above what any healthy machine needs.
inline constexpr std::chrono::seconds patience{20};

/// The bytes under a WireClient. Reading past the deadline or writing to a closed peer throws
/// std::runtime_error.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual void write(std::span<const std::byte> bytes) = 0;
  /// Blocks for at least one byte; 0 at the end of the stream.
  [[nodiscard]] virtual std::size_t read(std::span<std::byte> room, std::chrono::milliseconds limit) = 0;
  /// True when bytes (or the end) can be read now or within `limit`.
  [[nodiscard]] virtual bool readable(std::chrono::milliseconds limit) = 0;
  virtual void close() = 0;
};

/// On Linux alone.
[[nodiscard]] std::unique_ptr<Channel> connect_unix(const std::string& path);
/// A unix socket or a named pipe, as the system has it; takes what ipc_address_in() gives.
[[nodiscard]] std::unique_ptr<Channel> connect_ipc(const std::string& address);
/// To 127.0.0.1.
[[nodiscard]] std::unique_ptr<Channel> connect_tcp(unsigned port);
[[nodiscard]] std::unique_ptr<Channel> connect_inproc(const busrt::LocalEndpoint& endpoint);

/// A received frame with its parts copied out.
struct Received {
  busrt::FrameKind kind = busrt::FrameKind::nop;
  bool realtime = false;
  std::string sender;
  std::string topic;
  std::string payload;
  std::uint32_t ack_op_id = 0;
  std::uint8_t ack_code = 0;
};

class WireClient {
 public:
  /// Takes a connection as it is: nothing has been said yet.
  explicit WireClient(std::unique_ptr<Channel> channel);
  /// And does the handshake. Throws std::runtime_error when it is refused.
  WireClient(std::unique_ptr<Channel> channel, std::string_view name);

  /// The handshake's outcome: errc::ok or the broker's refusal.
  busrt::errc register_as(std::string_view name);

  void write_raw(std::span<const std::byte> bytes) { channel_->write(bytes); }
  void write_raw(std::string_view bytes) {
    channel_->write(std::as_bytes(std::span(bytes.data(), bytes.size())));
  }
  /// Sends one frame and returns its op id.
  std::uint32_t send(busrt::Op op, std::string_view target, std::string_view payload,
                     busrt::QoS qos = busrt::QoS::no, std::string_view receiver = {});
  std::uint32_t topics(busrt::Op op, const std::vector<std::string_view>& patterns,
                       busrt::QoS qos = busrt::QoS::processed);
  void ping();

  /// As send() and topics() with an ack wanted, and the code that it brought. Other frames met on the way are
  /// kept.
  std::uint8_t confirmed(busrt::Op op, std::string_view target, std::string_view payload,
                         std::string_view receiver = {});
  std::uint8_t confirmed_topics(busrt::Op op, const std::vector<std::string_view>& patterns);

  /// The next data frame or ack; nops are passed over. Throws at the end of the stream or when patience ends.
  [[nodiscard]] Received next();
  /// The next message, broadcast or publication, from those kept or from the connection.
  [[nodiscard]] Received next_data();
  /// Waits for a nop.
  void wait_for_nop();
  /// The raw bytes at hand, blocking for the first. Empty at the end of the stream.
  [[nodiscard]] std::span<const std::byte> read_raw();
  /// True once the broker has closed the connection; throws when patience ends first. Drops what it reads.
  [[nodiscard]] bool wait_for_close();
  /// Calls `.broker` and returns the RPC payload of the answer (kind byte included).
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
