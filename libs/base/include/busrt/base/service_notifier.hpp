// Notifies the service manager that started this service: systemd's protocol sd_notify(3), for units of
// Type=notify and Type=notify-reload.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "busrt/base/result.hpp"

namespace busrt::base {

/// The service's side of the protocol. If no service manager asks for notifications, and on Windows, every
/// call succeeds and does nothing. Errors name the socket and the reason; they do not affect the service. A
/// call blocks for at most a second. Thread safety: one thread at a time.
class ServiceNotifier {
 public:
  /// Removes NOTIFY_SOCKET from the environment, so that a child of the service cannot send notifications for
  /// it. Call it before the first thread starts.
  ServiceNotifier();
  /// Sends every notification to `send`: for a service whose parent process speaks with the service manager.
  explicit ServiceNotifier(std::function<Result<>(const std::string&)> send) : forward_(std::move(send)) {}

  /// Reports that the service is ready: after its start, and again after reloading().
  [[nodiscard]] Result<> ready() const;
  /// Reports that the service reads its configuration again.
  [[nodiscard]] Result<> reloading() const;
  /// Reports that the service stops.
  [[nodiscard]] Result<> stopping() const;
  /// Sends any text of the protocol, such as one that another process of this service composed.
  [[nodiscard]] Result<> send(const std::string& message) const;

 private:
  std::string socket_;  ///< empty: no service manager asks for notifications
  std::function<Result<>(const std::string&)> forward_;
};

}  // namespace busrt::base
