// The endpoint through which clients connect to an embedded broker of the same process.
#pragma once

#include <memory>

#include "busrt/error.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

namespace transport {
class InprocConnector;  // src/transport/inproc.hpp
}

/// An endpoint of an embedded broker. Broker::local() returns it, and ClientConfig::endpoint takes it. It is
/// a cheap handle and does not keep the broker alive: after the broker's shutdown, connecting fails with
/// errc::closed. Thread safety: any thread.
class LocalEndpoint {
 public:
  LocalEndpoint() = default;
  /// For the library's own use.
  explicit LocalEndpoint(std::shared_ptr<transport::InprocConnector> connector) noexcept
      : connector_(std::move(connector)) {}

  /// Returns true if the endpoint belongs to a broker.
  [[nodiscard]] explicit operator bool() const noexcept { return connector_ != nullptr; }
  /// For the library's own use.
  [[nodiscard]] const std::shared_ptr<transport::InprocConnector>& connector() const noexcept {
    return connector_;
  }

 private:
  std::shared_ptr<transport::InprocConnector> connector_;
};

}  // namespace busrt
BUSRT_API_END
