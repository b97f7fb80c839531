// The door of an embedded broker for clients of the same process.
#pragma once

#include <memory>

#include "busrt/error.hpp"
#include "busrt/export.hpp"

BUSRT_API_BEGIN
namespace busrt {

namespace transport {
class InprocConnector;  // src/transport/inproc.hpp
}

/// Given by Broker::local() and taken by ClientConfig. A cheap handle; thread-safe. It does not keep the
/// broker alive: connecting after the broker's shutdown fails with errc::closed.
class LocalEndpoint {
 public:
  LocalEndpoint() = default;
  /// For the library's own use.
  explicit LocalEndpoint(std::shared_ptr<transport::InprocConnector> connector) noexcept
      : connector_(std::move(connector)) {}

  /// False for one that was not given by a broker.
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
