// A small HTTP server on Beast, away from the broker's threads. The only translation unit with Beast's HTTP.
#include <algorithm>
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
#include <charconv>
#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "busrt/base/throttled_log.hpp"
#include "busrt/limits.hpp"
#include "busrt/metrics.hpp"
#include "metrics/port_sharing.hpp"

namespace busrt {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds accept_pause{100};

Result<tcp::endpoint> loopback_endpoint(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    return fail(errc::bad_address, "metrics address '" + std::string(text) + "': " + std::string(why));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("expected HOST:PORT");
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  unsigned short port = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (bad != std::errc() || end != digits.data() + digits.size() || digits.empty()) {
    return wrong("the port has to be a number from 0 to 65535");
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  if (error) return wrong("the host has to be a loopback address or localhost");
  if (!address.is_loopback()) {
    return fail(errc::access, "metrics address '" + std::string(text) +
                                  "': not a loopback address, and the numbers name every client");
  }
  return tcp::endpoint(address, port);
}

/// Whether a request names this host. A page on a name that an attacker points to the loopback address (DNS
/// rebinding) could read the numbers otherwise. What is no browser may leave the field out.
bool names_loopback(std::string_view host) {
  if (host.empty()) return true;
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (beast::iequals(host, "localhost")) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

/// Those under way, the one that has been idle longest first. Of the server's thread.
class Exchange;
using Exchanges = std::list<Exchange*>;

/// Numbers of a broker, and the pauses of the server itself.
struct Numbers {
  const Broker& broker;
  std::uint64_t accept_pauses = 0;

  [[nodiscard]] std::string text() const {
    BrokerStats stats = broker.stats();
    stats.accept_pauses += accept_pauses;
    return prometheus_text(stats, broker.clients());
  }
};

/// One request, one answer, then the end: what scrapes every few seconds does not need more.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(tcp::socket socket, const Numbers& numbers, Exchanges& all)
      : stream_(std::move(socket)), numbers_(numbers), all_(all), place_(all.insert(all.end(), this)) {
    parser_.header_limit(limits::metrics_request_bytes);
    parser_.body_limit(0);
  }
  ~Exchange() {
    if (!cut_) all_.erase(place_);
  }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  void start() {
    stream_.expires_after(limits::timeout);
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       if (!error) self->answer();
                     });
  }

  /// Ends it at once; its place is free when this returns.
  void cut() {
    all_.erase(place_);
    cut_ = true;
    stream_.close();
  }

 private:
  void answer() {
    if (cut_) return;
    all_.splice(all_.end(), all_, place_);
    const auto& request = parser_.get();
    response_.version(request.version());
    response_.keep_alive(false);
    const auto path = request.target().substr(0, request.target().find('?'));
    const bool reads = request.method() == http::verb::get || request.method() == http::verb::head;
    if (!names_loopback(request[http::field::host])) {
      response_.result(http::status::forbidden);
      response_.body() = "the Host has to be a loopback address or localhost\n";
    } else if (reads && path == "/metrics") {
      response_.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
      response_.body() = numbers_.text();
    } else {
      response_.result(reads ? http::status::not_found : http::status::method_not_allowed);
      if (!reads) response_.set(http::field::allow, "GET, HEAD");
      response_.body() = "GET /metrics has the numbers\n";
    }
    response_.prepare_payload();
    if (request.method() == http::verb::head) response_.body().clear();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code, std::size_t) { self->end(); });
  }
  void end() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  const Numbers& numbers_;
  Exchanges& all_;
  const Exchanges::iterator place_;
  bool cut_ = false;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  http::response<http::string_body> response_;
};

}  // namespace

struct MetricsServer::Impl {
  Impl(const Broker& served, base::LogSink sink)
      : numbers{served}, lines(std::move(sink), "metrics"), acceptor(context), pause(context) {}
  ~Impl() {
    context.stop();
    if (thread.joinable()) thread.join();
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Result<> listen(const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) set_port_sharing(acceptor, error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) return {};
    const errc code = error == asio::error::address_in_use ? errc::busy : errc::io;
    return fail(code, "cannot serve metrics on " + endpoint.address().to_string() + ":" +
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
    // Connections that say nothing must not keep out one that asks.
    if (exchanges.size() >= limits::metrics_connections) exchanges.front()->cut();
    std::make_shared<Exchange>(std::move(socket), numbers, exchanges)->start();
  }
  /// Out of descriptors or memory: the waiting connection would fail again at once.
  void accept_later(const std::string& why) {
    ++numbers.accept_pauses;
    lines.write(base::LogLevel::error, "metrics: cannot accept: " + why + "; trying again soon");
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
        lines.write(base::LogLevel::error, std::string("metrics: ") + fault.what());
      }
    }
  }

  Numbers numbers;
  base::ThrottledLog lines;  ///< a system without room fails again and again
  Exchanges exchanges;       // before the context, which destroys them
  asio::io_context context{1};
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  std::thread thread;
};

Result<MetricsServer> MetricsServer::start(const Broker& broker, std::string_view address,
                                           base::LogSink log) {
  const auto endpoint = loopback_endpoint(address);
  if (!endpoint) return std::unexpected(endpoint.error());
  auto impl = std::make_unique<Impl>(broker, std::move(log));
  if (auto listening = impl->listen(*endpoint); !listening) return std::unexpected(listening.error());
  impl->accept();
  impl->thread = std::thread([running = impl.get()] { running->run(); });
  return MetricsServer(std::move(impl));
}

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
MetricsServer::~MetricsServer() = default;
MetricsServer::MetricsServer(MetricsServer&&) noexcept = default;
MetricsServer& MetricsServer::operator=(MetricsServer&&) noexcept = default;

std::string MetricsServer::address() const {
  boost::system::error_code error;
  const auto host = impl_->acceptor.local_endpoint(error).address();
  return (host.is_v6() ? "[" + host.to_string() + "]" : host.to_string()) + ":" + std::to_string(port());
}

unsigned short MetricsServer::port() const noexcept {
  boost::system::error_code error;
  return impl_->acceptor.local_endpoint(error).port();
}

}  // namespace busrt
