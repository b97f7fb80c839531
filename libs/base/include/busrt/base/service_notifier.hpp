// Notifies the service manager that started this service: systemd's protocol sd_notify(3), for units of
// Type=notify and Type=notify-reload.
#pragma once

#include <string>

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

  /// Reports that the service is ready: after its start, and again after reloading().
  [[nodiscard]] Result<> ready() const;
  /// Reports that the service reads its configuration again.
  [[nodiscard]] Result<> reloading() const;
  /// Reports that the service stops.
  [[nodiscard]] Result<> stopping() const;

 private:
  [[nodiscard]] Result<> send(const std::string& message) const;

  std::string socket_;  ///< empty: no service manager asks for notifications
};

}  // namespace busrt::base
