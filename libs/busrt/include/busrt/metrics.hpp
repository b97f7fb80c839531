// A broker's counters for Prometheus: as text, and on an HTTP listener.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "busrt/base/log.hpp"
#include "busrt/broker.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

/// Returns the counters in Prometheus' text format, version 0.0.4. It has the totals by cause and reason. For
/// each client it has traffic, queue, losses, holds (see BrokerStats::holds) and memory.
[[nodiscard]] std::string prometheus_text(const BrokerStats& stats, const std::vector<ClientInfo>& clients);

/// An HTTP server that answers `GET /metrics` with prometheus_text() of a broker. It runs on a thread of its
/// own. It listens on loopback alone, because the text names every client. Link `busrt_metrics`.
class MetricsServer {
 public:
  /// Starts the server. `address` is HOST:PORT with a loopback address or `localhost`; port 0 takes any free
  /// port. The broker must outlive the server.
  ///
  /// If the system has no descriptor or no memory for a connection, the server stops accepting for a short
  /// time. It then writes a line to `log`, at most one a second, and counts the pause
  /// (`accept_pauses_total`).
  ///
  /// Errors: bad_address; access (the address is not loopback); busy (the port is in use); io.
  [[nodiscard]] static Result<MetricsServer> start(const Broker& broker, std::string_view address,
                                                   base::LogSink log = {});
  ~MetricsServer();                                    ///< closes the listener and joins the thread
  MetricsServer(MetricsServer&&) noexcept;             ///< leaves the other object empty
  MetricsServer& operator=(MetricsServer&&) noexcept;  ///< leaves the other object empty

  /// Returns the port on which the server listens, also if `start` was called with port 0.
  [[nodiscard]] unsigned short port() const noexcept;
  /// Returns the address on which the server listens, as IP:PORT.
  [[nodiscard]] std::string address() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace busrt
BUSRT_API_END
