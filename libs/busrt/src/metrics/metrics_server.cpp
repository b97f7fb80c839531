// The numbers of a broker on libs/http's server, away from the broker's threads.
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "busrt/error.hpp"
#include "busrt/http/server.hpp"
#include "busrt/limits.hpp"
#include "busrt/metrics.hpp"

namespace busrt {

namespace {

http::Options options_of(base::LogSink log) {
  http::Options options;
  options.name = "metrics";
  options.loopback_reason = "the numbers name every client";
  options.usage = "GET /metrics has the numbers\n";
  options.max_connections = limits::metrics_connections;
  options.max_request_bytes = limits::metrics_request_bytes;
  options.timeout = limits::timeout;
  options.log = std::move(log);
  return options;
}

errc code_of(const std::error_code& code) {
  if (code == std::errc::invalid_argument) return errc::bad_address;
  if (code == std::errc::permission_denied) return errc::access;
  if (code == std::errc::address_in_use) return errc::busy;
  return errc::io;
}

}  // namespace

struct MetricsServer::Impl {
  http::Server server;
};

Result<MetricsServer> MetricsServer::start(const Broker& broker, std::string_view address,
                                           base::LogSink log) {
  const auto numbers = [&broker](const http::Request& request,
                                 const http::ServerStats& own) -> std::optional<http::Response> {
    if (request.path != "/metrics") return std::nullopt;
    BrokerStats stats = broker.stats();
    stats.accept_pauses += own.accept_pauses;
    return http::Response{"text/plain; version=0.0.4; charset=utf-8",
                          prometheus_text(stats, broker.clients())};
  };
  auto server = http::Server::start(address, options_of(std::move(log)), numbers);
  if (!server) return fail(code_of(server.error().code), std::move(server.error().message));
  return MetricsServer(std::make_unique<Impl>(*std::move(server)));
}

MetricsServer::MetricsServer(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}
MetricsServer::~MetricsServer() = default;
MetricsServer::MetricsServer(MetricsServer&&) noexcept = default;
MetricsServer& MetricsServer::operator=(MetricsServer&&) noexcept = default;

std::string MetricsServer::address() const {
  return impl_->server.address();
}

unsigned short MetricsServer::port() const noexcept {
  return impl_->server.port();
}

}  // namespace busrt
