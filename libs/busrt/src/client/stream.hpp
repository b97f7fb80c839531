// A connection's byte stream as the client sees it: non-blocking writes, one outstanding read, told when
// either can go on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "busrt/error.hpp"
#include "busrt/local_endpoint.hpp"
#include "busrt/tls.hpp"
#include "transport/websocket/channel.hpp"

namespace busrt::detail {

/// Called on the stream's executor, never from within the call that asked.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  /// Zero bytes: the peer has closed.
  virtual void on_read(Result<std::size_t> bytes) = 0;
  virtual void on_writable() = 0;
};

/// One read and one wait may be outstanding at a time; write() may run on any thread, one at a time. close()
/// is thread-safe; the descriptor itself goes with the object. What is outstanding then completes or is let
/// go, and only the executor's context may still hold it: it holds the connection, which holds the stream,
/// and a context that never runs again must not keep that circle alive.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) = 0;
  /// How many bytes were taken, at least one; errc::would_block when none can be.
  [[nodiscard]] virtual Result<std::size_t> write(std::span<const std::byte> bytes) = 0;
  /// Bytes from the front of a write that was not taken which may reach the peer all the same. Called by the
  /// writer, before its next write.
  [[nodiscard]] virtual std::size_t under_way() const { return 0; }
  virtual void wait_writable(std::shared_ptr<StreamEvents> events) = 0;
  virtual void close() = 0;
  /// The executor's context is being destroyed: lets go of what is outstanding and is not the context's own.
  virtual void abandon() noexcept {}
};

/// A connected, non-blocking stream socket of any family; takes the descriptor. errc::io if the loop will not
/// have it.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_socket_stream(const boost::asio::any_io_executor& executor,
                                                                 int descriptor);
/// TLS over `inner`. The handshake runs with the first read, which fails with its error. Errors of the files
/// come at once. `server_name`: what the broker's certificate has to be for.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_tls_stream(const boost::asio::any_io_executor& executor,
                                                              std::unique_ptr<Stream> inner,
                                                              const TlsFiles& files,
                                                              const std::string& server_name);
/// Over an upgraded WebSocket.
[[nodiscard]] std::unique_ptr<Stream> make_websocket_stream(
    std::unique_ptr<transport::WebSocketChannel> channel);
/// errc::closed after the broker's shutdown.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_inproc_stream(const boost::asio::any_io_executor& executor,
                                                                 const LocalEndpoint& endpoint);

}  // namespace busrt::detail
