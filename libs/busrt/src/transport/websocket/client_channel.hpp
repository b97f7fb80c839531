// One WebSocket of a client. Only websocket.cpp includes this.
#pragma once

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <cstring>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "transport/websocket/channel.hpp"
#include "transport/websocket/streams.hpp"

namespace busrt::transport::websockets {

/// The stream is used on its own strand alone; the mutex guards what write() shares with it.
template <class Stream>
class ClientState final : public std::enable_shared_from_this<ClientState<Stream>> {
 public:
  template <class... Layer>
  explicit ClientState(Socket socket, Layer... layer)
      : stream_(std::move(socket), layer...), deadline_(stream_.get_executor()) {}

  [[nodiscard]] Stream& stream() noexcept { return stream_; }

  void set_deadline(std::chrono::milliseconds limit) {
    deadline_.expires_after(limit);
    deadline_.async_wait([self = this->shared_from_this()](beast::error_code error) {
      if (error) return;
      self->late_ = true;
      self->cut();
    });
  }
  void clear_deadline() { deadline_.cancel(); }
  [[nodiscard]] bool late() const noexcept { return late_; }
  void cut() {
    beast::error_code ignored;
    tcp_of(stream_).close(ignored);
  }

  void read(std::span<std::byte> room, WebSocketChannel::ReadDone done) {
    asio::post(
        stream_.get_executor(), [self = this->shared_from_this(), room, finish = std::move(done)]() mutable {
          self->stream_.async_read_some(
              asio::buffer(room.data(), room.size()),
              [self, finished = std::move(finish)](beast::error_code error, std::size_t count) mutable {
                finished(self->result_of_read(error, count));
              });
        });
  }

  Result<std::size_t> write(std::span<const std::byte> bytes) {
    {
      const std::lock_guard lock(mutex_);
      if (failed_) return std::unexpected(*failed_);
      if (writing_) return fail(errc::would_block);
      if (const std::size_t taken = std::exchange(written_, 0); taken != 0)
        return std::min(taken, bytes.size());
      const auto part = bytes.first(std::min(bytes.size(), limits::websocket_write_bytes));
      output_.assign(part.begin(), part.end());
      writing_ = true;
    }
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] { self->start_write(); });
    return fail(errc::would_block);
  }

  [[nodiscard]] std::size_t under_way() const {
    const std::lock_guard lock(mutex_);
    return writing_ || written_ != 0 || failed_ ? output_.size() : 0;
  }

  void wait_writable(WebSocketChannel::Writable done) {
    const std::lock_guard lock(mutex_);
    if (deaf_) return;
    writable_ = std::move(done);
    if (!writing_) {
      asio::post(stream_.get_executor(), [self = this->shared_from_this()] { self->tell_writable(); });
    }
  }

  /// What waits for room holds whoever holds this.
  void abandon() noexcept {
    WebSocketChannel::Writable waiting;
    const std::lock_guard lock(mutex_);
    deaf_ = true;
    waiting.swap(writable_);
  }

  void close() {
    // The context may end before what is being written does.
    abandon();
    asio::post(stream_.get_executor(), [self = this->shared_from_this()] {
      if (std::exchange(self->closing_, true)) return;
      self->set_deadline(limits::websocket_goodbye);
      self->stream_.async_close(websocket::close_code::normal, [self](beast::error_code) {
        self->clear_deadline();
        self->cut();
      });
    });
  }

 private:
  void start_write() {
    stream_.async_write(asio::buffer(output_),
                        [self = this->shared_from_this()](beast::error_code error, std::size_t /*count*/) {
                          self->end_write(error);
                        });
  }
  void end_write(beast::error_code error) {
    {
      const std::lock_guard lock(mutex_);
      writing_ = false;
      if (error) {
        failed_ = Error(errc::io, "write: " + error.message());
      } else {
        written_ = output_.size();
      }
    }
    tell_writable();
  }
  void tell_writable() {
    std::unique_lock lock(mutex_);
    auto told = std::exchange(writable_, nullptr);
    lock.unlock();
    if (told) told();
  }

  Result<std::size_t> result_of_read(const beast::error_code& error, std::size_t count) {
    if (!error && stream_.got_binary()) return count;
    if (!error) return fail(errc::io, "the broker sent a text message");
    // The other ways in which a stream ends are no news either: the frames say where they end.
    if (closing_ || error == websocket::error::closed || error == asio::error::eof ||
        error == asio::ssl::error::stream_truncated) {
      return std::size_t{0};
    }
    return std::unexpected(explain(stream_, TlsRole::client, error));
  }

  Stream stream_;
  asio::steady_timer deadline_;
  bool late_ = false;
  bool closing_ = false;
  mutable std::mutex mutex_;
  std::vector<std::byte> output_;  // read by the write under way, changed only between writes
  bool writing_ = false;
  std::size_t written_ = 0;  // bytes of the last write that were not reported yet
  std::optional<Error> failed_;
  WebSocketChannel::Writable writable_;
  bool deaf_ = false;  // closed: nobody waits any more
};

template <class Stream>
class ClientChannel final : public WebSocketChannel {
 public:
  explicit ClientChannel(std::shared_ptr<ClientState<Stream>> state) : state_(std::move(state)) {}
  ~ClientChannel() override { state_->close(); }
  void read(std::span<std::byte> room, ReadDone done) override { state_->read(room, std::move(done)); }
  Result<std::size_t> write(std::span<const std::byte> bytes) override { return state_->write(bytes); }
  [[nodiscard]] std::size_t under_way() const override { return state_->under_way(); }
  void wait_writable(Writable done) override { state_->wait_writable(std::move(done)); }
  void close() override { state_->close(); }
  void abandon() noexcept override { state_->abandon(); }

 private:
  const std::shared_ptr<ClientState<Stream>> state_;
};

inline Error refusal(unsigned status) {
  if (status == 401) return {errc::access, "the broker refused the token (HTTP status 401)"};
  if (status == 403) return {errc::access, "the server refused the connection (HTTP status 403)"};
  return {errc::not_supported, "no WebSocket is there (HTTP status " + std::to_string(status) + ")"};
}

/// The answer, or the part of it that came, is no HTTP.
inline bool says_no_http(const beast::error_code& error) {
  return error.category() == make_error_code(http::error::bad_version).category();
}

/// The connection ended within the answer. A broker that restarts does this, and so does a listener for plain
/// bus clients, whose greeting of three bytes is all that it says to a request.
inline bool was_cut(const beast::error_code& error) {
  return error == http::error::partial_message || error == http::error::end_of_stream;
}

using Connected = Result<std::unique_ptr<WebSocketChannel>>;

template <class Stream>
asio::awaitable<beast::error_code> secure_client(Stream& stream) {
  beast::error_code failed;
  if constexpr (std::is_same_v<Stream, Secure>) {
    auto [error] = co_await stream.next_layer().async_handshake(asio::ssl::stream_base::client, as_values);
    failed = error;
  }
  co_return failed;
}

/// Upgrades; the deadline ends it by closing the socket.
template <class Stream>
asio::awaitable<Connected> upgrade_client(std::shared_ptr<ClientState<Stream>> state,
                                          WebSocketTarget target) {
  Stream& stream = state->stream();
  state->set_deadline(target.timeout);
  beast::error_code error = co_await secure_client(stream);
  const bool no_tls = error == asio::ssl::error::stream_truncated || error == asio::error::eof;
  http::response<http::string_body> answer;
  if (!error) {
    set_options(stream);
    stream.set_option(
        websocket::stream_base::decorator([token = target.token](websocket::request_type& request) {
          if (!token.empty()) request.set(http::field::authorization, "Bearer " + token);
        }));
    const std::string host = host_and_port(target.host, target.port);
    auto [refused] = co_await stream.async_handshake(answer, host, "/", as_values);
    error = refused;
    limit_handshake_and_close(stream, limits::websocket_goodbye);
  }
  state->clear_deadline();
  if (state->late()) co_return fail(errc::timeout, "no answer to the WebSocket handshake");
  if (no_tls) {
    co_return fail(errc::tls,
                   "the broker ended the connection within the TLS handshake; a listener without TLS is "
                   "addressed as ws://HOST:PORT");
  }
  if (error == websocket::error::upgrade_declined) co_return std::unexpected(refusal(answer.result_int()));
  if (error && says_no_http(error)) {
    const bool cut = was_cut(error);
    co_return fail(cut ? errc::io : errc::not_supported,
                   (cut ? "the connection ended within the answer to the WebSocket request ("
                        : "the answer is no HTTP (") +
                       error.message() +
                       "); a listener for plain bus clients is addressed as HOST:PORT, without ws://");
  }
  if (error) co_return std::unexpected(explain(stream, TlsRole::client, error));
  co_return std::make_unique<ClientChannel<Stream>>(std::move(state));
}

}  // namespace busrt::transport::websockets
