// A scripted broker for tests of clients. It listens on a unix socket (on Windows on a named pipe) and does
// exactly what the test says, including mistakes. The test's thread drives it step by step, while the client
// under test runs on another thread. Every wait is limited. A step that fails throws std::runtime_error.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "busrt/error.hpp"
#include "busrt/protocol.hpp"
#include "busrt_testing/test_address.hpp"

namespace busrt_testing {

class PeerTransport;

/// A received request, with copies of its parts.
struct ReceivedRequest {
  std::uint32_t op_id = 0;
  busrt::Op op = busrt::Op::nop;
  busrt::QoS qos = busrt::QoS::no;
  std::string target;
  std::string receiver;
  std::string payload;
};

/// The scripted broker. Thread safety: one thread.
class ScriptedPeer {
 public:
  /// Listens in a temporary directory of its own, which the destructor removes.
  ScriptedPeer();
  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  /// Returns the address for the client under test.
  [[nodiscard]] std::string address() const { return ipc_address_in(directory_.path()); }

  /// Waits for the client's connection. An earlier connection is closed.
  void accept();
  /// Sends raw bytes.
  void send(std::string_view bytes);
  /// Sends as many bytes as the connection takes without blocking, and returns their number. It serves to
  /// fill the connection.
  [[nodiscard]] std::size_t send_some(std::string_view bytes);
  /// Reads exactly this many bytes.
  [[nodiscard]] std::string read(std::size_t bytes);
  /// Reads as many bytes as given, and fails if they differ.
  void expect(std::string_view bytes);
  /// Waits for the end of the connection. Returns false if bytes came instead.
  [[nodiscard]] bool client_has_closed();
  /// Closes the connection.
  void close();

  /// Accepts a connection and carries out the whole handshake. Returns the client's name.
  std::string accept_client();
  /// Returns the client's next frame. It skips pings.
  [[nodiscard]] ReceivedRequest next_request();
  /// Sends an ack with this code.
  void ack(std::uint32_t op_id, busrt::errc code = busrt::errc::ok);
  /// Sends a frame of this kind to the client.
  void deliver(busrt::FrameKind kind, std::string_view sender, std::string_view topic,
               std::string_view payload, bool realtime = false);
  /// Returns the bytes that deliver() would send.
  [[nodiscard]] static std::string delivery(busrt::FrameKind kind, std::string_view sender,
                                            std::string_view topic, std::string_view payload,
                                            bool realtime = false);

  static constexpr std::string_view greeting{"\xEB\x01\x00", 3};
  static constexpr std::string_view ok{"\x01", 1};
  static constexpr std::string_view ping{"\0\0\0\0\0\0\0\0\0", 9};
  static constexpr std::string_view nop{"\0\0\0\0\0\0", 6};

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<PeerTransport> transport_;
};

}  // namespace busrt_testing
