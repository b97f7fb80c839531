// What a service tells the service manager that started it: systemd's notification protocol (sd_notify(3)),
// for units of Type=notify and Type=notify-reload.
#pragma once

#include <string>

#include "busrt/base/result.hpp"

namespace busrt::base {

/// Without a service manager that asks for it, and on Windows, every call succeeds and does nothing. Errors
/// name the socket and the reason; the service itself is not affected. Not thread-safe.
class ServiceNotifier {
 public:
  /// Takes NOTIFY_SOCKET out of the environment, so that no child of the service speaks for it. Before the
  /// first thread.
  ServiceNotifier();

  /// The service does what it is there for: after its start, and again after reloading().
  [[nodiscard]] Result<> ready() const;
  /// Its configuration is being read again.
  [[nodiscard]] Result<> reloading() const;
  /// It ends.
  [[nodiscard]] Result<> stopping() const;

 private:
  [[nodiscard]] Result<> send(const std::string& message) const;

  std::string socket_;  ///< empty: nobody asks
};

}  // namespace busrt::base
