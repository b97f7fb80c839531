// The client's WebSocket side, without the weight of its library.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "busrt/error.hpp"
#include "busrt/tls.hpp"

namespace busrt::transport {

/// A byte stream in binary messages. Thread-safe but for this: one read and one wait may be outstanding at a
/// time, and one write under way. Callbacks come on the executor, never from within the call that asked.
class WebSocketChannel {
 public:
  using ReadDone = std::move_only_function<void(Result<std::size_t>)>;
  using Writable = std::move_only_function<void()>;

  virtual ~WebSocketChannel() = default;
  /// Zero bytes: the peer has closed. `room` stays valid until `done` is called or destroyed.
  virtual void read(std::span<std::byte> room, ReadDone done) = 0;
  /// How many bytes are on their way, or errc::would_block: the bytes are being sent, and the same ones are
  /// to be offered again after wait_writable(), so that what counts as taken has reached the system.
  [[nodiscard]] virtual Result<std::size_t> write(std::span<const std::byte> bytes) = 0;
  /// How many bytes those are; also where sending them has failed.
  [[nodiscard]] virtual std::size_t under_way() const = 0;
  virtual void wait_writable(Writable done) = 0;
  virtual void close() = 0;
  /// The executor's context is being destroyed: nobody is told of room any more.
  virtual void abandon() noexcept = 0;
};

struct WebSocketTarget {
  std::string host{};  ///< for the request
  unsigned port = 0;
  std::string token{};  ///< bearer token; empty: none
  bool secure = false;
  TlsFiles tls{};
  std::string server_name{};  ///< what the certificate has to be for
  std::chrono::milliseconds timeout{};
};

/// Takes a connected, non-blocking TCP socket. errc::access for a wrong token, the errors of TLS,
/// errc::timeout, errc::not_supported when no WebSocket is there.
[[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<WebSocketChannel>>> connect_websocket(
    boost::asio::any_io_executor executor, int descriptor, WebSocketTarget target);

}  // namespace busrt::transport
