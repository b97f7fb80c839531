// The ways to a broker that this build does without: sockets, and OpenSSL over them.
#include <string>

#include "busrt/tls.hpp"
#include "client/transports.hpp"

namespace busrt::detail {

namespace {

namespace asio = boost::asio;

std::unexpected<Error> refuse(const std::string& where) {
  return fail(errc::not_supported,
              "cannot connect to " + where + ": this build for Windows has named pipes alone, ipc://NAME");
}

}  // namespace

asio::awaitable<Opened> open_tcp(asio::any_io_executor /*executor*/, Address address) {
  co_return refuse(address.target + ":" + std::to_string(address.port));
}

asio::awaitable<Opened> open_tls(asio::any_io_executor /*executor*/, ClientConfig config,
                                 Address /*address*/) {
  co_return refuse(config.address);
}

asio::awaitable<Opened> open_websocket(asio::any_io_executor /*executor*/, ClientConfig config,
                                       Address /*address*/) {
  co_return refuse(config.address);
}

Opened open_descriptor(const asio::any_io_executor& /*executor*/, const std::string& target) {
  return refuse("fd:" + target);
}

}  // namespace busrt::detail

namespace busrt {

Result<std::string> certificate_name(const std::string& file) {
  return fail(errc::not_supported, "certificate " + file + ": this build for Windows has no TLS");
}

Result<> check_listener_files(const TlsFiles& /*files*/) {
  return fail(errc::not_supported, "this build for Windows has no TLS");
}

}  // namespace busrt
