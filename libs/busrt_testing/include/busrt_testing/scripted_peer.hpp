// A broker that does exactly what a test tells it, mistakes included: a unix socket (on Windows a named
// pipe), driven step by step from the test's thread while the client under test runs on another. Every wait
// has a limit; a step that fails throws std::runtime_error.
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

/// A client's frame with its parts copied out.
struct ReceivedRequest {
  std::uint32_t op_id = 0;
  busrt::Op op = busrt::Op::nop;
  busrt::QoS qos = busrt::QoS::no;
  std::string target;
  std::string receiver;
  std::string payload;
};

class ScriptedPeer {
 public:
  /// Listens in a directory of its own, which goes with it.
  ScriptedPeer();
  ~ScriptedPeer();
  ScriptedPeer(const ScriptedPeer&) = delete;
  ScriptedPeer& operator=(const ScriptedPeer&) = delete;

  [[nodiscard]] std::string address() const { return ipc_address_in(directory_.path()); }

  /// Waits for the client; an earlier connection is closed.
  void accept();
  void send(std::string_view bytes);
  /// As many bytes as the connection takes at once; for filling it up.
  [[nodiscard]] std::size_t send_some(std::string_view bytes);
  [[nodiscard]] std::string read(std::size_t bytes);
  void expect(std::string_view bytes);
  /// False when bytes came instead of the end.
  [[nodiscard]] bool client_has_closed();
  void close();

  /// accept() and the whole handshake; returns the client's name.
  std::string accept_client();
  /// The client's next frame; pings are passed over.
  [[nodiscard]] ReceivedRequest next_request();
  void ack(std::uint32_t op_id, busrt::errc code = busrt::errc::ok);
  void deliver(busrt::FrameKind kind, std::string_view sender, std::string_view topic,
               std::string_view payload, bool realtime = false);
  /// The bytes that deliver() would send.
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
