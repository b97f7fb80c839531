// One WebSocket of the broker: TLS where it is asked for, the upgrade, then a pump in each direction. Only
// websocket.cpp includes this.
#pragma once

#include <openssl/crypto.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include "busrt/base/byte_buffer.hpp"
#include "transport/security_options.hpp"
#include "transport/websocket/gateway.hpp"
#include "transport/websocket/streams.hpp"

namespace busrt::transport::websockets {

/// Bytes of a refused origin that the log shows.
inline constexpr std::size_t max_shown_origin = 128;

/// What sessions need of their gateway; outlives them.
struct ServerEnvironment {
  WebSocketGateway::Admit admit;
  std::chrono::milliseconds handshake_limit;
  base::LogSink log;
};

/// As the gateway holds it.
class AnyServerSession {
 public:
  virtual ~AnyServerSession() = default;
  virtual void start() = 0;
  /// Ends it now, whatever is left to send.
  virtual void cut() = 0;
  /// Ends it if it is not upgraded yet, so that there is nothing to send.
  virtual void cut_unless_upgraded() = 0;
};

/// Lives on the gateway's one thread but for the pipes' callbacks.
template <class Stream>
class ServerSession final : public AnyServerSession,
                            public std::enable_shared_from_this<ServerSession<Stream>> {
 public:
  template <class... Layer>
  ServerSession(const ServerEnvironment& environment, std::shared_ptr<const WebSocketRules> rules,
                std::unique_ptr<WebSocketPlace> place, Peer peer, Socket socket, Layer... layer)
      : environment_(environment),
        rules_(std::move(rules)),
        place_(std::move(place)),
        peer_(std::move(peer)),
        stream_(std::move(socket), layer...),
        deadline_(stream_.get_executor()),
        room_(stream_.get_executor(), asio::steady_timer::time_point::max()),
        output_(stream_.get_executor(), asio::steady_timer::time_point::max()) {}

  ~ServerSession() override {
    if (pipes_) end_pipes();
  }
  ServerSession(const ServerSession&) = delete;
  ServerSession& operator=(const ServerSession&) = delete;

  void start() override {
    try {
      set_deadline(environment_.handshake_limit);
      place_->on_eviction([weak = this->weak_from_this(), executor = stream_.get_executor()] {
        asio::post(executor, [weak] {
          if (const auto self = weak.lock()) self->evict();
        });
      });
      asio::co_spawn(stream_.get_executor(), run(this->shared_from_this()),
                     CutAtFault{this->shared_from_this()});
    } catch (...) {
      cut();
      throw;
    }
  }

  void cut_unless_upgraded() override {
    if (!pipes_) cut();
  }
  void cut() override {
    beast::error_code ignored;
    tcp_of(stream_).close(ignored);
    // It keeps the session alive.
    deadline_.cancel();
    if (pipes_) close_pipes();
    wake();
  }

 private:
  using Self = std::shared_ptr<ServerSession>;

  /// One pump that ends by an exception, for want of memory, takes the other with it.
  struct CutAtFault {
    Self self;
    void operator()(std::exception_ptr fault) const {
      if (!fault) return;
      self->cut();
      std::rethrow_exception(fault);  // for the gateway's log
    }
  };

  /// Keeps the session alive until both pumps have ended.
  static asio::awaitable<void> run(Self self) {
    const bool upgraded = co_await self->upgrade();
    self->deadline_.cancel();
    if (!upgraded || !self->attach()) {
      self->cut();
      co_return;
    }
    asio::co_spawn(self->stream_.get_executor(), carry_in(self), CutAtFault{self});
    co_await self->send_all();
    self->set_deadline(limits::websocket_goodbye);
    co_await self->stream_.async_close(websocket::close_code::normal, as_values);
    self->deadline_.cancel();
    self->cut();
    self->end_pipes();
  }
  static asio::awaitable<void> carry_in(Self self) {
    co_await self->receive_all();
    // The broker reads what is in the pipe and then finds its end.
    self->pipes_->to_broker.close();
  }

  asio::awaitable<bool> upgrade();
  asio::awaitable<bool> secure();
  asio::awaitable<void> refuse(http::status status, std::string why,
                               WebSocketRefusal reason = WebSocketRefusal::handshake);
  asio::awaitable<void> receive_all();
  asio::awaitable<void> send_all();
  bool attach();

  void set_deadline(std::chrono::milliseconds limit) {
    deadline_.expires_after(limit);
    deadline_.async_wait([self = this->shared_from_this()](beast::error_code error) {
      if (error) return;
      if (!self->pipes_) self->report("not upgraded in time");
      self->cut();
    });
  }
  void close_pipes() {
    pipes_->to_broker.close();
    pipes_->to_client.close();
  }
  /// What was under way to the client, and what waits behind it, does not reach it any more.
  void end_pipes() {
    close_pipes();
    do {
      if (!sending_.empty()) place_->lost(sending_.data());
      sending_.release();
    } while (pipes_->to_client.take(sending_));
    charge_sending();
  }
  void charge_sending() {
    const std::size_t held = sending_.capacity();
    if (held > sending_charged_) place_->meter()->add(held - sending_charged_);
    if (held < sending_charged_) place_->meter()->subtract(sending_charged_ - held);
    sending_charged_ = held;
  }
  /// The broker needs the memory; a session is ended by itself.
  void evict() {
    if (pipes_ || std::exchange(reported_, true)) return;
    place_->evicted();
    cut();
  }
  /// Whoever waits on the pipes looks again.
  void wake() {
    room_.cancel();
    output_.cancel();
  }
  void notify() {
    if (notified_.exchange(true)) return;
    try {
      post_look();
    } catch (...) {
      notified_.store(false);
      throw;
    }
  }
  void post_look() {
    asio::post(stream_.get_executor(), [weak = this->weak_from_this()] {
      const auto self = weak.lock();
      if (!self) return;
      self->notified_.store(false);
      self->wake();
      if (self->pipes_->aborted.load(std::memory_order_acquire)) return self->cut();
      // A deadline keeps the session alive, and its place taken: none where the socket has gone already.
      if (!tcp_of(self->stream_).is_open()) return;
      // The broker is done with this client: what is left goes out soon or never.
      if (self->pipes_->to_client.closed() && !std::exchange(self->ending_, true)) {
        self->set_deadline(limits::websocket_goodbye);
      }
    });
  }
  void report(const std::string& why, WebSocketRefusal reason = WebSocketRefusal::handshake) {
    if (std::exchange(reported_, true)) return;
    place_->refused(reason, "a WebSocket (" + peer_.source.value_or("unknown") + ") is refused: " + why);
  }
  [[nodiscard]] bool token_fits(std::string_view authorization) const;
  /// The origin of a page that may not connect; empty: nothing is against it.
  [[nodiscard]] std::string foreign_origin(const http::request<http::empty_body>& request) const;

  const ServerEnvironment& environment_;
  const std::shared_ptr<const WebSocketRules> rules_;
  const std::unique_ptr<WebSocketPlace> place_;  // until the socket has gone
  Peer peer_;
  Stream stream_;
  asio::steady_timer deadline_;
  asio::steady_timer room_;    // cancelled when the pipe to the broker may have room
  asio::steady_timer output_;  // cancelled when the pipe to the client may have bytes
  std::shared_ptr<InprocConnection> pipes_;
  std::atomic<bool> notified_{false};
  bool ending_ = false;
  bool reported_ = false;
  base::ByteBuffer sending_;  // handed to the socket
  std::size_t sending_charged_ = 0;
};

template <class Stream>
asio::awaitable<bool> ServerSession<Stream>::secure() {
  if constexpr (std::is_same_v<Stream, Secure>) {
    auto [error] = co_await stream_.next_layer().async_handshake(asio::ssl::stream_base::server, as_values);
    if (error) {
      report("TLS: " + explain(stream_, TlsRole::server, error).message);
      co_return false;
    }
    peer_.certificate = verified_certificate(stream_.next_layer().native_handle());
  }
  co_return true;
}

template <class Stream>
bool ServerSession<Stream>::token_fits(std::string_view authorization) const {
  if (!rules_->token) return true;
  const auto expected = rules_->token->current();
  constexpr std::string_view scheme = "Bearer ";
  if (authorization.size() < scheme.size() || !beast::iequals(authorization.substr(0, scheme.size()), scheme))
    return false;
  const std::string_view token = authorization.substr(scheme.size());
  // In a time that says nothing of how far the two agree.
  return token.size() == expected->size() &&
         ::CRYPTO_memcmp(token.data(), expected->data(), token.size()) == 0;
}

/// A browser lets any page connect to any address and names the page's origin; other clients send none. The
/// origin of the listener's own host is foreign too: the broker serves no pages, and a name that an attacker
/// points to this host (DNS rebinding) would make it.
template <class Stream>
std::string ServerSession<Stream>::foreign_origin(const http::request<http::empty_body>& request) const {
  const auto [first, last] = request.equal_range(http::field::origin);
  for (auto field = first; field != last; ++field) {
    const std::string origin(field->value());
    const auto normal = normal_origin(origin);
    if (!normal || !rules_->origins.contains(*normal)) return origin.empty() ? "(empty)" : origin;
  }
  return {};
}

template <class Stream>
asio::awaitable<bool> ServerSession<Stream>::upgrade() {
  if (!co_await secure()) co_return false;
  beast::flat_buffer buffer(limits::websocket_handshake_bytes);
  http::request_parser<http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits::websocket_handshake_bytes));
  auto [unread, count] = co_await http::async_read_header(stream_.next_layer(), buffer, parser, as_values);
  if (unread) {
    report("no HTTP request: " + explain(stream_, TlsRole::server, unread).message);
    co_return false;
  }
  const auto& request = parser.get();
  if (!websocket::is_upgrade(request)) {
    co_await refuse(http::status::upgrade_required, "an HTTP request that asks for no WebSocket");
    co_return false;
  }
  if (const std::string origin = foreign_origin(request); !origin.empty()) {
    co_await refuse(
        http::status::forbidden,
        "a web page of the origin " + origin.substr(0, max_shown_origin) + ", which is not listed",
        WebSocketRefusal::origin);
    co_return false;
  }
  const auto given = request[http::field::authorization];
  if (!token_fits({given.data(), given.size()})) {
    co_await refuse(http::status::unauthorized,
                    given.empty() ? "no bearer token" : "its bearer token is not the right one");
    co_return false;
  }
  if (buffer.size() != 0) {
    co_await refuse(http::status::bad_request, "bytes before the answer to its request");
    co_return false;
  }
  set_options(stream_);
  auto [refused] = co_await stream_.async_accept(request, as_values);
  limit_handshake_and_close(stream_, limits::websocket_goodbye);
  if (refused) report("not upgraded: " + refused.message());
  co_return !refused;
}

template <class Stream>
asio::awaitable<void> ServerSession<Stream>::refuse(http::status status, std::string why,
                                                    WebSocketRefusal reason) {
  report(why, reason);
  http::response<http::empty_body> answer(status, 11);
  if (status == http::status::unauthorized) answer.set(http::field::www_authenticate, "Bearer");
  if (status == http::status::upgrade_required) answer.set(http::field::upgrade, "websocket");
  answer.keep_alive(false);
  answer.prepare_payload();
  co_await http::async_write(stream_.next_layer(), answer, as_values);
  if constexpr (std::is_same_v<Stream, Secure>) co_await stream_.next_layer().async_shutdown(as_values);
}

/// Gives the broker its end. False when there is no broker any more.
template <class Stream>
bool ServerSession<Stream>::attach() {
  pipes_ = std::make_shared<InprocConnection>(limits::websocket_pipe_bytes, place_->meter());
  const std::weak_ptr<ServerSession> weak = this->weak_from_this();
  const auto look = [weak] {
    if (const auto self = weak.lock()) self->notify();
  };
  pipes_->to_broker.on_writable(look);
  pipes_->to_client.on_readable(look);
  return place_->attach(pipes_, peer_);
}

template <class Stream>
asio::awaitable<void> ServerSession<Stream>::receive_all() {
  const auto input = std::make_unique_for_overwrite<std::byte[]>(limits::websocket_read_bytes);
  for (;;) {
    auto [error, count] =
        co_await stream_.async_read_some(asio::buffer(input.get(), limits::websocket_read_bytes), as_values);
    if (error) co_return;
    if (!stream_.got_binary()) {
      report("a text message; the bus speaks in binary ones");
      co_return;
    }
    std::span<const std::byte> rest(input.get(), count);
    for (;;) {
      rest = rest.subspan(pipes_->to_broker.write(rest));
      if (rest.empty()) break;
      if (pipes_->to_broker.closed()) co_return;
      // What is read from the socket waits here, so that the socket is not read on.
      co_await room_.async_wait(as_values);
    }
  }
}

template <class Stream>
asio::awaitable<void> ServerSession<Stream>::send_all() {
  for (;;) {
    // Looked at before taking: what was written before the close is still sent.
    const bool closed = pipes_->to_client.closed();
    if (!pipes_->to_client.take(sending_)) {
      if (closed) co_return;
      sending_.release();
      charge_sending();
      co_await output_.async_wait(as_values);
      continue;
    }
    charge_sending();
    auto [error, count] =
        co_await stream_.async_write(asio::buffer(sending_.data().data(), sending_.size()), as_values);
    // A message that was cut is no message: all of it counts as lost.
    if (error) co_return;
    place_->sent(sending_.data());
    sending_.clear();
  }
}

}  // namespace busrt::transport::websockets
