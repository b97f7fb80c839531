// Connection strings.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "busrt/error.hpp"

namespace busrt {

/// A parsed connection string.
///
///   ipc://PATH          a unix socket; a bare name (ipc://daemoneye.sock) lies in runtime_directory()
///   PATH                the same, BUS/RT's own habit: begins with / or ends in .sock, .socket or .ipc
///   HOST:PORT           plain TCP
///   fifo:PATH           a named fifo for scripts (brokers only)
///   tcp:// ws:// wss:// inproc://
struct Address {
  enum class Scheme { unix_socket, plain_tcp, tls_tcp, websocket, secure_websocket, fifo, inproc };
  Scheme scheme = Scheme::unix_socket;
  /// unix_socket, fifo: an absolute or relative path. inproc: the name. Others: the host.
  std::string target;
  /// TCP and WebSocket: 1..65535, else 0.
  unsigned port = 0;

  /// errc::bad_address with a sentence that says what was expected.
  [[nodiscard]] static Result<Address> parse(std::string_view text);
};

/// /run/daemoneye for root, else $XDG_RUNTIME_DIR/daemoneye, else a directory of the user under the temporary
/// directory.
[[nodiscard]] std::filesystem::path runtime_directory();

}  // namespace busrt
