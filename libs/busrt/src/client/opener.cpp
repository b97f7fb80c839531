#include "client/opener.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <exception>
#include <string>
#include <utility>

#include "busrt/address.hpp"
#include "client/transports.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;

asio::awaitable<Opened> open(asio::any_io_executor executor, ClientConfig config) {
  if (const auto misuse = find_security_misuse(config)) {
    co_return fail(errc::bad_address,
                   "ClientConfig::" + std::string(to_string(misuse->option)) + " " + misuse->reason);
  }
  if (config.endpoint) co_return make_inproc_stream(executor, config.endpoint);
  const std::string& text = config.address;
  auto address = Address::parse_for_client(text, config.runtime_directory);
  if (!address) co_return std::unexpected(std::move(address).error());
  switch (address->scheme) {
    case Address::Scheme::unix_socket:
      co_return co_await open_ipc(std::move(executor), address->target, config.runtime_directory);
    case Address::Scheme::plain_tcp:
      co_return co_await open_tcp(std::move(executor), *address);
    case Address::Scheme::inproc:
      co_return fail(errc::not_supported, "inproc connections take ClientConfig::endpoint: " + text);
    case Address::Scheme::tls_tcp:
      co_return co_await open_tls(std::move(executor), config, *address);
    case Address::Scheme::websocket:
    case Address::Scheme::secure_websocket:
      co_return co_await open_websocket(std::move(executor), config, *address);
    case Address::Scheme::descriptor:
      co_return open_descriptor(executor, address->target);
    case Address::Scheme::fifo:
    case Address::Scheme::systemd:
      break;
  }
  co_return fail(errc::bad_address, "no address of a client: " + text);
}

class Attempt final : public OpenAttempt, public std::enable_shared_from_this<Attempt> {
 public:
  explicit Attempt(const asio::any_io_executor& executor) : lane_(asio::make_strand(executor)) {}

  void start(const asio::any_io_executor& executor, const ClientConfig& config, OpenDone done) {
    auto finished = [self = shared_from_this(), finish = std::move(done)](std::exception_ptr fault,
                                                                          Opened opened) mutable {
      finish(fault ? Opened(fail(errc::other, "connecting failed unexpectedly")) : std::move(opened));
    };
    asio::co_spawn(lane_, open(executor, config),
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
