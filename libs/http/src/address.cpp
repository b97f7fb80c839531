#include "address.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>
#include <charconv>
#include <system_error>

namespace busrt::http {

namespace {

namespace asio = boost::asio;

std::string_view without_brackets(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) return host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

base::Result<asio::ip::tcp::endpoint> parse_endpoint(std::string_view text, std::string_view name,
                                                     std::string_view loopback_reason) {
  const auto refuse = [&](std::errc code, std::string_view why) {
    return base::fail(std::make_error_code(code),
                      std::string(name) + " address '" + std::string(text) + "': " + std::string(why));
  };
  const bool loopback_only = !loopback_reason.empty();
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse(std::errc::invalid_argument, "expected HOST:PORT");
  const std::string_view digits = text.substr(colon + 1);
  unsigned short port = 0;
  const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (bad != std::errc() || end != digits.data() + digits.size() || digits.empty()) {
    return refuse(std::errc::invalid_argument, "the port has to be a number from 0 to 65535");
  }
  std::string_view host = without_brackets(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  if (error) {
    return refuse(std::errc::invalid_argument, loopback_only
                                                   ? "the host has to be a loopback address or localhost"
                                                   : "the host has to be an IP address or localhost");
  }
  if (loopback_only && !address.is_loopback()) {
    return refuse(std::errc::permission_denied,
                  "not a loopback address, and " + std::string(loopback_reason));
  }
  return asio::ip::tcp::endpoint(address, port);
}

bool names_loopback(std::string_view host) {
  if (host.empty()) return true;
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  host = without_brackets(host.substr(0, colon));
  if (boost::beast::iequals(host, "localhost")) return true;
  boost::system::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

}  // namespace busrt::http
