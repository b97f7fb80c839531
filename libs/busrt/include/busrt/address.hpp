// Connection strings.
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
///   PATH                the same, BUS/RT's own habit: begins with / or ends in .sock, .socket or .ipc
///   HOST:PORT           plain TCP
///   tcp://HOST:PORT     TCP with mutual TLS
///   ws://HOST[:PORT]    WebSocket; wss:// with TLS
///   fd:N                a descriptor of this process: a connected socket, for brokers also a listening one
///   systemd:[NAME]      the sockets that systemd has passed (brokers only), all of them or those of one name
///   fifo:PATH           a named fifo for scripts (brokers only)
///   inproc://NAME
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
  /// unix_socket, fifo: an absolute or relative path. inproc, systemd: the name. descriptor: its number, in
  /// digits. Others: the host.
  std::string target;
  /// TCP and WebSocket: 1..65535, else 0.
  unsigned port = 0;

  /// Reads a connection string. `runtime_directory` is where a bare ipc://NAME lies on Linux.
  /// Errors: errc::bad_address with a sentence that says what was expected, also for a bare name where
  /// `runtime_directory` is empty.
  [[nodiscard]] static Result<Address> parse(std::string_view text,
                                             const std::filesystem::path& runtime_directory = {});

  /// The same for a program that connects.
  /// Errors: errc::bad_address also for the addresses of brokers only; the sentences name those of clients.
  [[nodiscard]] static Result<Address> parse_for_client(std::string_view text,
                                                        const std::filesystem::path& runtime_directory = {});
};

/// Returns the directory in which `program` and its clients meet: /run/PROGRAM for root, else
/// $XDG_RUNTIME_DIR/PROGRAM, else PROGRAM-UID in the temporary directory. A program gives it to
/// BrokerConfig::runtime_directory or ClientConfig::runtime_directory.
[[nodiscard]] std::filesystem::path runtime_directory(std::string_view program);

}  // namespace busrt
BUSRT_API_END
