// A broker's numbers for Prometheus: as text, and on an HTTP listener of their own.
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

/// The numbers in Prometheus' text format, version 0.0.4: totals by cause and reason, and for each client its
/// traffic, queue, losses, holds and memory.
[[nodiscard]] std::string prometheus_text(const BrokerStats& stats, const std::vector<ClientInfo>& clients);

/// Answers `GET /metrics` with prometheus_text() of a broker, on a thread of its own. Listens on loopback
/// alone: the text names every client. Link `busrt_metrics`.
class MetricsServer {
 public:
  /// `address` is HOST:PORT with a loopback address or `localhost`; port 0 takes any. The broker must outlive
  /// the server. `log` takes a line, at most one a second, when the system has no descriptor or no memory for
  /// a connection; accepting pauses then, which the numbers show (`accept_pauses_total`).
  /// Errors: bad_address, access (not loopback), busy (the port is taken), io.
  [[nodiscard]] static Result<MetricsServer> start(const Broker& broker, std::string_view address,
                                                   base::LogSink log = {});
  ~MetricsServer();                                    ///< closes the listener and joins its thread
  MetricsServer(MetricsServer&&) noexcept;             ///< leaves the other without a listener
  MetricsServer& operator=(MetricsServer&&) noexcept;  ///< the same

  /// The port that is listened on, also where port 0 was asked for.
  [[nodiscard]] unsigned short port() const noexcept;
  /// IP:PORT, with the port that was taken where 0 was asked for.
  [[nodiscard]] std::string address() const;

 private:
  struct Impl;
  explicit MetricsServer(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace busrt
BUSRT_API_END
