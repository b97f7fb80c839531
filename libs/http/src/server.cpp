// The server on Beast. The only translation unit with Beast's HTTP.
#include "busrt/http/server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <list>
#include <system_error>
#include <thread>
#include <utility>

#include "address.hpp"
#include "busrt/base/throttled_log.hpp"
#include "port_sharing.hpp"

namespace busrt::http {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;

/// How long the server accepts nothing after the system had no room for a connection.
constexpr std::chrono::milliseconds accept_pause{100};

class Exchange;

/// What all exchanges of a server share. Used on the server's thread alone.
struct Shared {
  Options options;
  Handler handler;
  ServerStats stats{};
  bool loopback = false;             ///< the server listens on a loopback address
  std::list<Exchange*> exchanges{};  ///< the one that has been idle longest first
};

/// One request and one answer.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(tcp::socket socket, Shared& shared)
      : stream_(std::move(socket)),
        shared_(shared),
        place_(shared.exchanges.insert(shared.exchanges.end(), this)) {
    parser_.header_limit(shared.options.max_request_bytes);
    parser_.body_limit(0);
  }
  ~Exchange() {
    if (!cut_) shared_.exchanges.erase(place_);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void start() {
    stream_.expires_after(shared_.options.timeout);
    beast::http::async_read(stream_, buffer_, parser_,
                            [self = shared_from_this()](beast::error_code error, std::size_t) {
                              if (!error) self->answer();
                            });
  }

  /// Ends it at once; its place is free when this returns.
  void cut() {
    shared_.exchanges.erase(place_);
    cut_ = true;
    stream_.close();
  }

 private:
  void answer() {
    if (cut_) return;
    shared_.exchanges.splice(shared_.exchanges.end(), shared_.exchanges, place_);
    const auto& request = parser_.get();
    response_.version(request.version());
    response_.keep_alive(false);
    const bool reads =
        request.method() == beast::http::verb::get || request.method() == beast::http::verb::head;
    if (shared_.loopback && !names_loopback(request[beast::http::field::host])) {
      response_.result(beast::http::status::forbidden);
      response_.body() = "the Host has to be a loopback address or localhost\n";
    } else if (auto made = reads ? handle(request.target()) : std::nullopt) {
      response_.set(beast::http::field::content_type, made->content_type);
      response_.body() = std::move(made->body);
    } else {
      response_.result(reads ? beast::http::status::not_found : beast::http::status::method_not_allowed);
      if (!reads) response_.set(beast::http::field::allow, "GET, HEAD");
      response_.body() = shared_.options.usage;
    }
    response_.prepare_payload();
    if (request.method() == beast::http::verb::head) response_.body().clear();
    beast::http::async_write(stream_, response_,
                             [self = shared_from_this()](beast::error_code, std::size_t) { self->end(); });
  }
  [[nodiscard]] std::optional<Response> handle(std::string_view target) const {
    const std::size_t mark = target.find('?');
    const std::string_view query =
        mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    return shared_.handler({target.substr(0, mark), query}, shared_.stats);
  }
  void end() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  Shared& shared_;
  const std::list<Exchange*>::iterator place_;
  bool cut_ = false;
  beast::flat_buffer buffer_;
  beast::http::request_parser<beast::http::empty_body> parser_;
  beast::http::response<beast::http::string_body> response_;
};

}  // namespace

struct Server::Impl {
  Impl(Options options, Handler handler)
      : shared{std::move(options), std::move(handler)},
        lines(shared.options.log, shared.options.name),
        acceptor(context),
        pause(context) {}
  ~Impl() {
    context.stop();
    if (thread.joinable()) thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  base::Result<> listen(const tcp::endpoint& endpoint) {
    shared.loopback = endpoint.address().is_loopback();
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) set_port_sharing(acceptor, error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return {};
    const auto code = error == asio::error::address_in_use ? std::errc::address_in_use : std::errc::io_error;
    return base::fail(std::make_error_code(code),
                      "cannot serve " + shared.options.name + " on " + endpoint.address().to_string() + ":" +
                          std::to_string(endpoint.port()) + ": " + error.message());
  }
  void accept() {
    acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error && error != asio::error::connection_aborted) return accept_later(error.message());
      try {
        if (!error) serve(std::move(socket));
      } catch (const std::exception& fault) {
        return accept_later(fault.what());
      }
      accept();
    });
  }
  void serve(tcp::socket socket) {
    // Connections that send nothing must not keep out one that asks.
    if (shared.exchanges.size() >= shared.options.max_connections) shared.exchanges.front()->cut();
    std::make_shared<Exchange>(std::move(socket), shared)->start();
  }
  /// Out of descriptors or memory: the waiting connection would fail again at once.
  void accept_later(const std::string& why) {
    ++shared.stats.accept_pauses;
    lines.write(base::LogLevel::error,
                shared.options.name + ": cannot accept: " + why + "; trying again soon");
    pause.expires_after(accept_pause);
    pause.async_wait([this](boost::system::error_code) { accept(); });
  }
  void run() {
    for (;;) {
      try {
        context.run();
        return;
      } catch (const std::exception& fault) {
        // No memory for one connection, as a rule: that one ends, the server does not.
        lines.write(base::LogLevel::error, shared.options.name + ": " + fault.what());
      }
    }
  }

  Shared shared;  // before the context, whose destruction ends the exchanges
  base::ThrottledLog lines;
  asio::io_context context{1};
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::thread thread;
};

base::Result<Server> Server::start(std::string_view address, Options options, Handler handler) {
  const auto endpoint = parse_endpoint(address, options.name, options.loopback_reason);
  if (!endpoint) return std::unexpected(endpoint.error());
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  if (auto listening = impl->listen(*endpoint); !listening) return std::unexpected(listening.error());
  impl->accept();
  impl->thread = std::thread([running = impl.get()] { running->run(); });
  return Server(std::move(impl));
}

Server::Server(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
Server::~Server() = default;
Server::Server(Server&&) noexcept = default;
Server& Server::operator=(Server&&) noexcept = default;

std::string Server::address() const {
  boost::system::error_code error;
  const auto host = impl_->acceptor.local_endpoint(error).address();
  return (host.is_v6() ? "[" + host.to_string() + "]" : host.to_string()) + ":" + std::to_string(port());
}

unsigned short Server::port() const noexcept {
  boost::system::error_code error;
  return impl_->acceptor.local_endpoint(error).port();
}

}  // namespace busrt::http
