// Addresses to listen on, and hosts that requests name.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>
#include <string_view>

#include "busrt/base/result.hpp"

namespace busrt::http {

/// Parses IP:PORT or localhost:PORT. `name` and `loopback_reason` are those of Options.
///
/// Errors: std::errc::invalid_argument; permission_denied if the address has to be loopback and is not.
[[nodiscard]] base::Result<boost::asio::ip::tcp::endpoint> parse_endpoint(std::string_view text,
                                                                          std::string_view name,
                                                                          std::string_view loopback_reason);

/// Returns whether the value of a Host field is a loopback address or localhost, with or without a port. A
/// request without that field comes from no browser and passes.
[[nodiscard]] bool names_loopback(std::string_view host);

}  // namespace busrt::http
