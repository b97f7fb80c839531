#include "client/opener.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string>
#include <utility>

#include "busrt/address.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using Opened = Result<std::unique_ptr<Stream>>;
constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

std::unexpected<Error> no_connection(const std::string& where, const std::string& why) {
  return fail(errc::io, "cannot connect to " + where + ": " + why);
}

/// A connected descriptor, or an errno as a negative number.
int connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return -errno;
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return descriptor;
  const int error = errno;
  ::close(descriptor);
  return -error;
}

asio::awaitable<Opened> open_unix(asio::any_io_executor executor, std::string path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    co_return fail(
        errc::bad_address,
        "socket path longer than " + std::to_string(sizeof(sockaddr_un::sun_path) - 1) + " bytes: " + path);
  }
  asio::steady_timer pause(co_await asio::this_coro::executor);
  for (auto wait = 1ms;; wait = std::min(wait * 2, 50ms)) {
    const int connected = connect_unix(path);
    if (connected >= 0) co_return make_socket_stream(executor, connected);
    // A full backlog is no refusal, but there is nothing to wait on: Asio would take the socket for
    // connected.
    if (connected != -EAGAIN && connected != -EINTR) {
      co_return no_connection(path, std::generic_category().message(-connected));
    }
    pause.expires_after(wait);
    if (auto [error] = co_await pause.async_wait(as_values); error) co_return no_connection(path, "given up");
  }
}

asio::awaitable<Opened> open_tcp(asio::any_io_executor executor, Address address) {
  const std::string where = address.target + ":" + std::to_string(address.port);
  const auto lane = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(lane);
  auto [unresolved, endpoints] =
      co_await resolver.async_resolve(address.target, std::to_string(address.port), as_values);
  if (unresolved) co_return no_connection(where, unresolved.message());
  asio::ip::tcp::socket socket(lane);
  auto [refused, endpoint] = co_await asio::async_connect(socket, endpoints, as_values);
  if (refused) co_return no_connection(where, refused.message());
  boost::system::error_code error;
  socket.set_option(asio::ip::tcp::no_delay(true), error);
  // The attempt has a lane of its own; the connection lives on the client's executor.
  const int descriptor = socket.release(error);
  if (error) co_return no_connection(where, error.message());
  co_return make_socket_stream(executor, descriptor);
}

asio::awaitable<Opened> open(asio::any_io_executor executor, std::string text, LocalEndpoint endpoint) {
  if (endpoint) co_return make_inproc_stream(executor, endpoint);
  auto address = Address::parse(text);
  if (!address) co_return std::unexpected(std::move(address).error());
  switch (address->scheme) {
    case Address::Scheme::unix_socket:
      co_return co_await open_unix(std::move(executor), address->target);
    case Address::Scheme::plain_tcp:
      co_return co_await open_tcp(std::move(executor), *address);
    case Address::Scheme::fifo:
      co_return fail(errc::bad_address, "a fifo is for scripts, clients cannot connect to it: " + text);
    case Address::Scheme::inproc:
      co_return fail(errc::not_supported, "inproc connections take ClientConfig::endpoint: " + text);
    case Address::Scheme::tls_tcp:
    case Address::Scheme::websocket:
    case Address::Scheme::secure_websocket:
      break;
  }
  co_return fail(errc::not_supported, "this build has no transport for " + text);
}

class Attempt final : public OpenAttempt, public std::enable_shared_from_this<Attempt> {
 public:
  explicit Attempt(const asio::any_io_executor& executor) : lane_(asio::make_strand(executor)) {}

  void start(const asio::any_io_executor& executor, const ClientConfig& config, OpenDone done) {
    auto finished = [self = shared_from_this(), finish = std::move(done)](std::exception_ptr fault,
                                                                          Opened opened) mutable {
      finish(fault ? Opened(fail(errc::other, "connecting failed unexpectedly")) : std::move(opened));
    };
    asio::co_spawn(lane_, open(executor, config.address, config.endpoint),
                   asio::bind_cancellation_slot(signal_.slot(), std::move(finished)));
  }
  void cancel() override {
    asio::post(lane_, [self = shared_from_this()] { self->signal_.emit(asio::cancellation_type::terminal); });
  }

 private:
  asio::strand<asio::any_io_executor> lane_;
  asio::cancellation_signal signal_;  // used on lane_
};

}  // namespace

std::shared_ptr<OpenAttempt> open_stream(const asio::any_io_executor& executor, const ClientConfig& config,
                                         OpenDone done) {
  auto attempt = std::make_shared<Attempt>(executor);
  attempt->start(executor, config, std::move(done));
  return attempt;
}

}  // namespace busrt::detail
