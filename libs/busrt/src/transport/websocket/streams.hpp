// The WebSocket streams of both sides, and what broker and client do alike with them. Only websocket.cpp
// includes this: it takes the compiler long.
#pragma once

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <chrono>
#include <new>
#include <string>

#include "busrt/limits.hpp"
#include "transport/as_values.hpp"
#include "transport/tls/tls_channel.hpp"
#include "transport/tls/tls_error.hpp"

namespace busrt::transport::websockets {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

using Tcp = asio::ip::tcp;
using Socket = Tcp::socket;
using SecureSocket = asio::ssl::stream<Socket>;
using Plain = websocket::stream<Socket>;
using Secure = websocket::stream<SecureSocket>;

/// A TLS session of the context, to be owned by the stream that is made with it.
inline SSL* new_session(const TlsContext& context, const TlsPeerRules& rules) {
  SSL* session = ::SSL_new(context.native());
  if (session == nullptr) throw std::bad_alloc();
  apply_rules(session, context.role(), rules);
  return session;
}

template <class Stream>
Socket& tcp_of(Stream& stream) {
  return beast::get_lowest_layer(stream);
}

/// TLS errors in the bus's words, others in the system's.
inline Error explain(Plain& /*stream*/, TlsRole /*role*/, const beast::error_code& error) {
  return {errc::io, error.message()};
}
inline Error explain(Secure& stream, TlsRole role, const beast::error_code& error) {
  if (error.category() != asio::error::get_ssl_category()) return {errc::io, error.message()};
  return tls_error(stream.next_layer().native_handle(), role, static_cast<unsigned long>(error.value()));
}

/// Beast has one time limit for the handshake and for the close. The bus has its own deadlines and pings.
template <class Stream>
void limit_handshake_and_close(Stream& stream, std::chrono::steady_clock::duration limit) {
  stream.set_option(websocket::stream_base::timeout{limit, websocket::stream_base::none(), false});
}

/// For the handshake, whose deadline is the caller's. Call limit_handshake_and_close() behind it.
template <class Stream>
void set_options(Stream& stream) {
  limit_handshake_and_close(stream, websocket::stream_base::none());
  // Bytes stream through, so no message is too long.
  stream.read_message_max(0);
  stream.binary(true);
  stream.auto_fragment(false);
  stream.write_buffer_bytes(limits::websocket_write_bytes);
}

inline std::string host_and_port(const std::string& host, unsigned port) {
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace busrt::transport::websockets
