// Connection strings: the addresses on which brokers listen and to which clients connect.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "busrt/error.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// A parsed connection string.
///
///   ipc://PATH          a unix socket; a bare name (ipc://bus.sock) lies in the program's runtime directory
///   PATH                the same in BUS/RT's notation: begins with / or ends in .sock, .socket or .ipc
///   HOST:PORT           plain TCP
///   tcp://HOST:PORT     TCP with mutual TLS
///   ws://HOST[:PORT]    WebSocket; wss:// with TLS
///   fd:N                a descriptor of this process: a connected socket, for brokers also a listening one
///   systemd:[NAME]      sockets passed by systemd (brokers only): all of them, or those with this name
///   fifo:PATH           a fifo for scripts (brokers only)
///   inproc://NAME       a broker of this process; clients use ClientConfig::endpoint instead
struct Address {
  /// The transport that an address names.
  enum class Scheme {
    unix_socket,
    plain_tcp,
    tls_tcp,
    websocket,
    secure_websocket,
    descriptor,
    systemd,
    fifo,
    inproc
  };
  Scheme scheme = Scheme::unix_socket;  ///< the transport
  /// The part of the address that the scheme needs. unix_socket, fifo: an absolute or relative path. inproc,
  /// systemd: the name. descriptor: its number in digits. All others: the host.
  std::string target;
  /// TCP and WebSocket: the port, 1 to 65535. Others: 0.
  unsigned port = 0;

  /// Parses a connection string. `runtime_directory` is the directory of a bare ipc://NAME on Linux.
  ///
  /// Errors: errc::bad_address, with a message that says what was expected. A bare name is an error if
  /// `runtime_directory` is empty.
  [[nodiscard]] static Result<Address> parse(std::string_view text,
                                             const std::filesystem::path& runtime_directory = {});

  /// Parses a connection string of a client.
  ///
  /// Errors: errc::bad_address as above, and also for addresses of brokers only. The messages name the
  /// addresses that a client may use.
  [[nodiscard]] static Result<Address> parse_for_client(std::string_view text,
                                                        const std::filesystem::path& runtime_directory = {});
};

/// Returns the directory in which `program` puts its sockets: /run/PROGRAM for root, else
/// $XDG_RUNTIME_DIR/PROGRAM, else PROGRAM-UID in the temporary directory. A program passes it to
/// BrokerConfig::runtime_directory or ClientConfig::runtime_directory.
[[nodiscard]] std::filesystem::path runtime_directory(std::string_view program);

}  // namespace busrt
BUSRT_API_END
