// A connection's byte stream as the client sees it: writes do not block, one read is outstanding, and events
// report when either can continue.
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

/// Called on the stream's executor, never from within the call that started the wait.
class StreamEvents {
 public:
  virtual ~StreamEvents() = default;
  /// Zero bytes: the peer has closed.
  virtual void on_read(Result<std::size_t> bytes) = 0;
  virtual void on_writable() = 0;
};

/// One read and one wait may be outstanding at a time. Thread safety: write() may run on any thread, one call
/// at a time; close() on any thread.
///
/// The descriptor is closed with the object. An outstanding operation holds the connection, which holds the
/// stream. After close() it completes or is dropped. Only the executor's context may hold it longer, because
/// a context that never runs again must not keep this cycle alive.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual void read(std::span<std::byte> room, std::shared_ptr<StreamEvents> events) = 0;
  /// Returns the number of bytes written, at least one. Errors: errc::would_block if there is no room.
  [[nodiscard]] virtual Result<std::size_t> write(std::span<const std::byte> bytes) = 0;
  /// After a write that failed with would_block: the number of its first bytes that may reach the peer all
  /// the same. Called by the writer, before its next write.
  [[nodiscard]] virtual std::size_t under_way() const { return 0; }
  virtual void wait_writable(std::shared_ptr<StreamEvents> events) = 0;
  virtual void close() = 0;
  /// The executor's context is being destroyed. Drops outstanding operations that the context does not hold.
  virtual void abandon() noexcept {}
};

/// A stream over a connected, non-blocking socket of any family; it owns the descriptor. Errors: errc::io if
/// the event loop refuses it.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_socket_stream(const boost::asio::any_io_executor& executor,
                                                                 int descriptor);
/// TLS over `inner`. The handshake runs with the first read, which fails with the handshake's error. Errors:
/// those of the files. `server_name` is the name that the broker's certificate must have.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_tls_stream(const boost::asio::any_io_executor& executor,
                                                              std::unique_ptr<Stream> inner,
                                                              const TlsFiles& files,
                                                              const std::string& server_name);
/// A stream over an upgraded WebSocket.
[[nodiscard]] std::unique_ptr<Stream> make_websocket_stream(
    std::unique_ptr<transport::WebSocketChannel> channel);
/// A stream to a broker of this process. Errors: errc::closed after the broker's shutdown.
[[nodiscard]] Result<std::unique_ptr<Stream>> make_inproc_stream(const boost::asio::any_io_executor& executor,
                                                                 const LocalEndpoint& endpoint);

}  // namespace busrt::detail
