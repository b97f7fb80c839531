// A small HTTP server for numbers, health and views of one host: it answers reads from memory, on a thread of
// its own.
//
// The model. One connection carries one request and one answer, and is closed then. The server answers GET
// and HEAD; a handler makes the answer from the target. All is bounded: connections, the bytes of a request,
// and the time of an exchange. A connection over the bound replaces the one that has been idle longest, so
// that connections that send nothing keep no one out.
//
// A server on a loopback address answers requests only for a loopback host. Without that, a page on a name
// that an attacker points to the loopback address (DNS rebinding) could read the answers in a browser.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "busrt/base/log.hpp"
#include "busrt/base/result.hpp"

namespace busrt::http {

/// The target of a GET or HEAD. The views are valid while the handler runs.
struct Request {
  std::string_view path;   ///< the target up to the question mark
  std::string_view query;  ///< what follows the question mark; empty if there is none
};

/// An answer with status 200.
struct Response {
  std::string content_type;
  std::string body;  ///< not sent in answer to HEAD
};

/// The server's own counters.
struct ServerStats {
  /// Times that the server stopped accepting for a moment, because the system had no descriptor or no memory.
  std::uint64_t accept_pauses = 0;
};

/// Makes an answer. Nothing stands for "404 Not Found". Called on the server's thread, one call at a time. If
/// it throws, the connection ends without an answer and the server goes on.
using Handler = std::function<std::optional<Response>(const Request& request, const ServerStats& stats)>;

/// Settings of a server.
struct Options {
  std::string name = "http";  ///< what the server serves, for errors and log lines
  /// Why only loopback addresses are allowed: the second half of a sentence, for the error. Any address is
  /// allowed if this is empty.
  std::string loopback_reason{};
  std::string usage{};  ///< body of the answers 404 and 405: what the server does answer
  std::size_t max_connections = 16;
  std::uint32_t max_request_bytes = 8192;  ///< bound of the request's line and fields; it has no body
  std::chrono::milliseconds timeout = std::chrono::seconds(5);  ///< for one exchange
  base::LogSink log{};  ///< called on the server's thread, at most ten lines in ten seconds
};

/// A running server.
class Server {
 public:
  /// Starts a server on `address`: IP:PORT or localhost:PORT, with an IPv6 address in brackets. Port 0 takes
  /// any free port.
  ///
  /// Errors: std::errc::invalid_argument (the address), permission_denied (it is not loopback),
  /// address_in_use, io_error.
  [[nodiscard]] static base::Result<Server> start(std::string_view address, Options options, Handler handler);
  ~Server();                             ///< closes the listener and joins the thread
  Server(Server&&) noexcept;             ///< leaves the other object empty
  Server& operator=(Server&&) noexcept;  ///< leaves the other object empty

  /// Returns the port on which the server listens.
  [[nodiscard]] unsigned short port() const noexcept;
  /// Returns the address on which the server listens, as IP:PORT.
  [[nodiscard]] std::string address() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace busrt::http
