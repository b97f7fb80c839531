// What a ScriptedPeer speaks through. A step that fails throws std::runtime_error; every wait ends with
// `patience`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace busrt_testing {

class PeerTransport {
 public:
  virtual ~PeerTransport() = default;
  /// Waits for the client; an earlier connection is closed.
  virtual void accept() = 0;
  virtual void close() = 0;
  virtual void send(std::string_view bytes) = 0;
  /// As many bytes as the connection takes at once.
  [[nodiscard]] virtual std::size_t send_some(std::string_view bytes) = 0;
  /// Waits for at least one byte; 0 at the end of the stream.
  [[nodiscard]] virtual std::size_t read_some(char* room, std::size_t size) = 0;
};

[[noreturn]] void fail_step(const std::string& what);

/// Listens on what ipc_address_in() gave.
[[nodiscard]] std::unique_ptr<PeerTransport> listen_ipc(const std::string& address);

}  // namespace busrt_testing
